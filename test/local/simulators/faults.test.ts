import { afterEach, describe, expect, test } from 'vitest';
import { startControl } from '../../../local/simulators/control.ts';
import {
  type FaultKind,
  type SimulatorOptions,
  type Simulators,
  startSimulators,
} from '../../../local/simulators/start-simulators.ts';
import { type Answer, ask, askJson } from './ask.ts';

const SMALL = { callsPerVendor: 60 } as const;
const LIST = '/v1/calls?limit=10';

interface Calls {
  readonly data: readonly { readonly id: string }[];
  readonly pagination: { readonly total: number };
}

describe('faults and drift', () => {
  let sims: Simulators;
  const start = async (options: SimulatorOptions = SMALL): Promise<void> => {
    sims = await startSimulators(options);
  };
  afterEach(() => sims.close());

  const strike = async (kind: FaultKind, vendor: 'solum' | 'zudu' = 'solum'): Promise<Answer> => {
    sims.setFaults({ rate: 1, kinds: [kind] });
    return ask(sims, vendor, vendor === 'solum' ? LIST : '/api/calls');
  };

  test('each kind of fault is what its name says', async () => {
    await start();
    expect((await strike('status500')).status).toBe(500);
    expect((await strike('status502')).text).toContain('<html>');
    expect((await strike('status503')).status).toBe(503);
    const limited = await strike('status429');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, null]);
    expect(await strike('html200')).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
    expect(await strike('empty200')).toMatchObject({ status: 200, text: '' });
    expect((await strike('zuduError200')).status).toBe(500);
    const wrapped = await strike('zuduError200', 'zudu');
    expect([wrapped.status, JSON.parse(wrapped.text)]).toMatchObject([200, { status: 'error' }]);
    await expect(strike('reset')).rejects.toThrow('fetch failed');
    await expect(strike('cut')).rejects.toThrow('terminated');
    expect(sims.requests.every(({ fault }) => fault !== undefined)).toBe(true);
  });

  test('a request goes wrong five times in a row at most, unless all do', async () => {
    await start();
    sims.setFaults({ rate: 0.99, kinds: ['status503'] });
    const statuses: number[] = [];
    for (let n = 0; n < 40; n += 1) statuses.push((await ask(sims, 'solum', LIST)).status);
    expect(statuses.join(' ')).not.toMatch(/(503 ?){6}/);
    expect(statuses.join(' ')).toMatch(/(503 ?){5}/);
    sims.setFaults({ rate: 1, kinds: ['status503'] });
    for (let n = 0; n < 8; n += 1) expect((await ask(sims, 'solum', LIST)).status).toBe(503);
  });

  test('a record counts as served only if its page was sent completely', async () => {
    await start();
    await strike('cut').catch(() => undefined);
    await strike('status500');
    const served = (): number =>
      [...sims.ledger.entries('solum', 'calls').values()].filter(({ versions }) => versions[0]?.firstServedAt != null)
        .length;
    expect(served()).toBe(0);
    sims.setFaults(undefined);
    await ask(sims, 'solum', LIST);
    expect(served()).toBe(10);
  });

  test('faults strike at the given rate and retries pass', async () => {
    await start();
    sims.setFaults({ rate: 0.3, kinds: ['status500', 'status429'], seed: 5 });
    const statuses: number[] = [];
    for (let count = 0; count < 200; count += 1) statuses.push((await ask(sims, 'solum', LIST)).status);
    const failed = statuses.filter((status) => status !== 200).length;
    expect(failed).toBeGreaterThan(35);
    expect(failed).toBeLessThan(85);
  });

  test('a new call arrives at the head while pages are turned', async () => {
    await start();
    sims.setDrift(1);
    const first = await askJson<Calls>(sims, 'solum', LIST);
    const second = await askJson<Calls>(sims, 'solum', `${LIST}&page=2`);
    expect(second.pagination.total).toBe(first.pagination.total + 1);
    expect(second.data[0]?.id).toBe(first.data.at(-1)?.id);
    const again = await askJson<Calls>(sims, 'solum', LIST);
    expect(again.data[1]?.id).toBe(first.data[0]?.id);
  });

  test('a call is removed while pages are turned, if requested', async () => {
    await start();
    sims.setDrift(1, 3, 1);
    const totals: number[] = [];
    for (const [vendor, path] of [
      ['solum', '/v1/calls?limit=1&page='],
      ['kalem', '/api/v1/calls?per_page=1&direction=inbound&page='],
    ] as const) {
      for (const page of [1, 2, 3]) {
        const { text } = await ask(sims, vendor, `${path}${page}`);
        totals.push(Number(/"total":(\d+)/.exec(text)?.[1]));
      }
    }
    const [solum = 0, , solumLast, kalem = 0, , kalemLast] = totals;
    expect([solumLast, kalemLast]).toEqual([solum - 2, kalem - 2]);
  });

  test('drift strikes every vendor', async () => {
    await start();
    sims.setDrift(1);
    const before = sims.ledger.events.length;
    await ask(sims, 'kismet', '/api/external/organization_users/101/calls?per_page=5&page=2');
    await ask(sims, 'zudu', '/api/calls?page=1');
    await ask(sims, 'kalem', '/api/v1/calls?page=2&direction=outbound');
    const arrivals = sims.ledger.events.slice(before).filter(({ kind }) => kind === 'arrival');
    expect(arrivals.map(({ vendor }) => vendor)).toEqual(['kismet', 'zudu', 'kalem']);
  });

  test('calls of a drift can begin earlier, and are the same in any order of the requests', async () => {
    const spreadMs = 8 * 3_600_000;
    const paths = [
      ['zudu', '/api/calls?page=1'],
      ['kalem', '/api/v1/calls?page=2&direction=outbound'],
    ] as const;
    const arrivals = async (order: typeof paths | readonly (typeof paths)[number][]) => {
      await start();
      sims.setDrift(1, 1, 0, spreadMs);
      const now = sims.now().getTime();
      for (const [vendor, path] of order) await ask(sims, vendor, path);
      expect(sims.now().getTime()).toBe(now);
      const found = sims.ledger.events.filter(({ kind }) => kind === 'arrival');
      return found.map(({ at, vendor, id }) => `${vendor} ${id} ${now - at}`).sort();
    };
    const found = await arrivals(paths);
    const ages = found.map((line) => Number(line.split(' ')[2]));
    expect(ages.every((age) => age > 0 && age <= spreadMs)).toBe(true);
    expect(found).toHaveLength(2);
    expect(await arrivals(paths.toReversed())).toEqual(found);
  });

  test('a rate limit answers 429, with headers at Kalem only', async () => {
    await start({ ...SMALL, rateLimit: 5 });
    const many = (vendor: 'kalem' | 'solum', path: string): Promise<Answer[]> =>
      Promise.all(Array.from({ length: 12 }, () => ask(sims, vendor, path)));
    const kalem = (await many('kalem', '/api/v1/calls')).filter(({ status }) => status === 429);
    const solum = (await many('solum', LIST)).filter(({ status }) => status === 429);
    expect(kalem.length).toBeGreaterThan(0);
    expect(kalem[0]?.headers.get('retry-after')).toBe('1');
    expect(kalem[0]?.headers.get('x-ratelimit-limit')).toBe('5');
    expect(solum.length).toBeGreaterThan(0);
    expect(solum[0]?.headers.get('retry-after')).toBeNull();
  });

  test('the control surface advances the clock, sets faults and reports the state', async () => {
    await start();
    const control = await startControl(sims);
    const post = async (path: string): Promise<Response> => fetch(`${control.url}${path}`, { method: 'POST' });
    expect(await (await post('/_sim/advance?hours=24')).json()).toMatchObject({ now: '2026-11-02T09:00:00.000Z' });
    await post('/_sim/faults?rate=1');
    await expect(
      ask(sims, 'solum', LIST).then(({ status, text }) => status === 200 && text.startsWith('{"data"')),
    ).resolves.toBe(false);
    await post('/_sim/faults?rate=0');
    expect((await post('/_sim/drift?rate=0.5')).status).toBe(200);
    expect((await post('/_sim/advance?hours=soon')).status).toBe(400);
    expect((await post('/_sim/elsewhere')).status).toBe(404);
    const state = (await (await fetch(`${control.url}/_sim/state`)).json()) as { records: Record<string, number> };
    expect(state.records['kismet.organization_users']).toBe(5);
    await control.close();
  });
});
