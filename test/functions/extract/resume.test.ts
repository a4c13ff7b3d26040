import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators, type Vendor } from '../../../local/simulators/start-simulators.ts';
import { commitsOf, contentOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runFor, runSource, totalsOf } from '../../helpers/run-source.ts';
import { type SolumCall, solumCall, solumCalls, solumServer } from '../../helpers/solum-server.ts';

const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-11-01T09:00:00Z');
const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };

const env = { SOLUM_API_KEY: 'key' };
const idsOf = async (store: Store) => [...rowsOf(await foldSource(store, 'solum'), 'solum_calls').keys()].sort();
const stateOf = async (store: Store) => (await commitsOf(store, SOLUM)).at(-1)?.state;

describe('a run that runs out of time', () => {
  test.each(['zudu', 'solum', 'kalem', 'kismet'] as const)(
    'of %s is continued by the next run, wherever it ended',
    async (name) => {
      const sims = await startSimulators({ callsPerVendor: 14, users: 2, days: 3 });
      const options = { at: sims.now(), url: sims.urls[name as Vendor], pageSize: 4 };
      const whole = memoryStore();
      const { requests } = totalsOf(await runSource(name, options, makePorts({ store: whole, env: sims.env })));
      const expected = contentOf(await foldSource(whole, name));
      expect(requests).toBeGreaterThan(3);
      // Lists that are asked for side by side have their requests out already.
      const beside = name === 'kismet' ? 3 : 0;
      for (let cut = 0; cut < requests - beside; cut += 1 + beside) {
        const store = memoryStore();
        const first = await runFor(cut, name, options, store, sims.env);
        expect(first.exitCode).toBe(6);
        expect(totalsOf(first).requests).toBeGreaterThanOrEqual(cut);
        expect(totalsOf(first).requests).toBeLessThanOrEqual(cut + beside);
        const second = await runSource(name, options, makePorts({ store, env: sims.env }));
        expect({ cut, exitCode: second.exitCode }).toEqual({ cut, exitCode: 0 });
        expect(contentOf(await foldSource(store, name))).toEqual(expected);
        // What is new is read first. Then one page is read again for the overlap, and one for the size of the list.
        if (name === 'zudu' || name === 'solum')
          expect(totalsOf(second).requests).toBeLessThanOrEqual(requests - cut + 5);
      }
      await sims.close();
    },
  );

  test('after one page each time has everything after enough runs', async () => {
    const { url } = await solumServer(solumCalls(40));
    const store = memoryStore();
    const exits = [];
    for (let n = 0; n < 20; n += 1)
      exits.push((await runFor(2, 'solum', { at: new Date(AT), url, pageSize: 5 }, store, env)).exitCode);
    expect(exits).toContain(0);
    expect(await idsOf(store)).toHaveLength(40);
  });

  test('goes back in its list until it finds a call that it has shown', async () => {
    const calls = solumCalls(40);
    const server = await solumServer(calls);
    const store = memoryStore();
    const options = { at: new Date(AT), url: server.url, pageSize: 5 };
    expect((await runFor(4, 'solum', options, store, env)).exitCode).toBe(6);
    expect(await stateOf(store)).toMatchObject({ scan: { position: { page: 5 } } });
    calls.unshift(...Array.from({ length: 30 }, (_, n) => solumCall(`new-${n}`, -1 - n)));
    const before = server.requests.length;
    expect((await runSource('solum', options, makePorts({ store, env }))).exitCode).toBe(0);
    // New calls come first. Page 4 shows none that was read, nor does page 3; page 1 is the first one. Page 15 is empty, twice.
    const asked = server.requests.slice(before).map(({ query }) => query['page']);
    expect(asked.slice(-18)).toEqual(['4', '3', ...Array.from({ length: 15 }, (_, n) => String(n + 1)), '15']);
    expect(await idsOf(store)).toHaveLength(70);
  });

  test('proves what it has not shown when it is continued to the end', async () => {
    const calls = solumCalls(20);
    const { url } = await solumServer(calls);
    const store = memoryStore();
    const at = (hours: number) => ({ at: new Date(AT + hours * HOUR_MS), url, pageSize: 5 });
    await runSource('solum', at(0), makePorts({ store, env }));
    calls.splice(12, 1);
    expect((await runFor(2, 'solum', at(72), store, env)).exitCode).toBe(6);
    await runSource('solum', at(73), makePorts({ store, env }));
    const [resumed] = (await commitsOf(store, SOLUM)).slice(-1);
    expect(resumed?.scans.at(-1)).toMatchObject({ kind: 'sweep', complete: true });
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').get('13')?.['_deleted_at']).toBeNull();
    // It has taken an hour, so the next one is due four hours later.
    expect(totalsOf(await runSource('solum', at(76), makePorts({ store, env }))).deleted).toBe(0);
    expect(totalsOf(await runSource('solum', at(77), makePorts({ store, env }))).deleted).toBe(1);
  });
});

describe('an interrupted incremental read', () => {
  /** A list without a total: nothing but its pages tells that records are missing. */
  async function start(calls: SolumCall[]) {
    const server = await solumServer(calls, {
      bend: ({ data, pagination }) => ({ data, pagination: { has_more: pagination?.['has_more'] } }),
    });
    const store = memoryStore();
    const at = (hours: number) => ({ at: new Date(AT + hours * HOUR_MS), url: server.url, pageSize: 5 });
    expect((await runSource('solum', at(0), makePorts({ store, env }))).exitCode).toBe(0);
    expect(await stateOf(store)).toMatchObject({ order: 'started_at' });
    return { server, store, at };
  }

  test('is continued by the next run to its end and below', async () => {
    const calls = solumCalls(30);
    const { store, at } = await start(calls);
    // Two days without a run: calls older than any due tier are unread as well.
    calls.unshift(...Array.from({ length: 47 }, (_, n) => solumCall(`new-${n}`, -47 * 60 + n * 60)));
    const long = { ...at(48), tiers: [{ every: '15m', back: '6h' }] };
    for (let cut = 1; cut < 10; cut += 1) {
      const copy = copyOf(store);
      expect((await runFor(cut, 'solum', long, copy, env)).exitCode).toBe(6);
      expect((await runSource('solum', { ...long, at: at(49).at }, makePorts({ store: copy, env }))).exitCode).toBe(0);
      expect({ cut, found: (await idsOf(copy)).length }).toEqual({ cut, found: 77 });
    }
  });

  test('is continued the same way after a failure', async () => {
    const calls = solumCalls(30);
    let failing = false;
    const server = await solumServer(calls, {
      bend: ({ data, pagination }, { query }) =>
        failing && query['page'] === '5'
          ? { status: 302, body: '' }
          : { data, pagination: { has_more: pagination?.['has_more'] } },
    });
    const store = memoryStore();
    const tiers = [{ every: '15m', back: '6h' }];
    const run = (hours: number) =>
      runSource(
        'solum',
        { at: new Date(AT + hours * HOUR_MS), url: server.url, pageSize: 5, tiers },
        makePorts({ store, env }),
      );
    await run(0);
    calls.unshift(...Array.from({ length: 47 }, (_, n) => solumCall(`new-${n}`, -47 * 60 + n * 60)));
    failing = true;
    expect((await run(48)).exitCode).toBe(4);
    expect((await idsOf(store)).length).toBe(50);
    failing = false;
    expect((await run(49)).exitCode).toBe(0);
    expect(await idsOf(store)).toHaveLength(77);
  });

  test('is continued the same way after a second interruption and a backfill', async () => {
    const calls = solumCalls(30);
    const { store, at, server } = await start(calls);
    calls.unshift(...Array.from({ length: 47 }, (_, n) => solumCall(`new-${n}`, -47 * 60 + n * 60)));
    const long = (hours: number) => ({ ...at(hours), tiers: [{ every: '15m', back: '6h' }] });
    await runFor(6, 'solum', long(48), store, env);
    await runFor(2, 'solum', long(49), store, env);
    const window = { from: new Date(AT - HOUR_MS), to: new Date(AT) };
    expect((await runSource('solum', { ...long(49), window }, makePorts({ store, env }))).exitCode).toBe(0);
    const before = server.requests.length;
    expect((await runSource('solum', long(50), makePorts({ store, env }))).exitCode).toBe(0);
    expect(server.requests.length - before).toBeGreaterThan(5);
    expect(await idsOf(store)).toHaveLength(77);
    expect(await stateOf(store)).not.toHaveProperty('resume');
  });
});

test('any sequence of interrupted runs ends with every record, whatever arrives in between', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.record({ cut: fc.integer({ min: 1, max: 6 }), arrivals: fc.integer({ min: 0, max: 7 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.boolean(),
    async (runs, totals) => {
      const calls = solumCalls(12);
      const server = await solumServer(calls, {
        bend: ({ data, pagination }) => ({
          data,
          pagination: totals ? pagination : { has_more: pagination?.['has_more'] },
        }),
      });
      const store = memoryStore();
      const options = { url: server.url, pageSize: 3, tiers: [{ every: '15m', back: '6h' }] };
      let hours = 0;
      for (const { cut, arrivals } of runs) {
        hours += 5;
        for (let n = 0; n < arrivals; n += 1) calls.unshift(solumCall(`${hours}-${n}`, -(hours - 5) * 60 - n * 30));
        await runFor(cut, 'solum', { ...options, at: new Date(AT + hours * HOUR_MS) }, store, env);
      }
      // The first run to the end may find that the vendor counts more; then it says so, and the next one reads everything.
      const exits = [];
      for (const more of [1, 2, 8]) {
        const last = { ...options, at: new Date(AT + (hours + more) * HOUR_MS) };
        const { exitCode } = await runSource('solum', last, makePorts({ store, env }));
        exits.push(exitCode);
        if (exitCode === 0 && totals) expect(await idsOf(store)).toEqual(calls.map(({ id }) => id).sort());
      }
      await server.close();
      expect(exits.slice(1)).toEqual([0, 0]);
      expect(await idsOf(store)).toEqual(calls.map(({ id }) => id).sort());
    },
  );
  // What came while the full scan went on was taken for a part of what an earlier run had left, which the scan reads.
  const cuts = [1, 1, 4, 3, 1].map((cut, n) => ({ cut, arrivals: n === 4 ? 4 : 0 }));
  await fc.assert(property, { numRuns: 40, examples: [[cuts, true]] });
});

function copyOf(store: ReturnType<typeof memoryStore>) {
  const copy = memoryStore();
  for (const [key, body] of store.objects) copy.objects.set(key, body);
  return copy;
}
