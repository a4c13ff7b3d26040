import { afterEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { type Simulators, startSimulators, type Vendor } from '../../../local/simulators/start-simulators.ts';
import { expandStored } from '../../helpers/expand-stored.ts';
import { commitsOf, contentOf, foldSource } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource, totalsOf } from '../../helpers/run-source.ts';

const HOUR_MS = 3_600_000;
const VENDORS = ['zudu', 'solum', 'kalem', 'kismet'] as const;
const SHARED = { callsPerVendor: 60, users: 2, days: 5 };
let sims: Simulators;
afterEach(() => sims.close());

const run = (
  name: Vendor,
  store: ReturnType<typeof memoryStore>,
  env: Readonly<Record<string, string | undefined>> = sims.env,
) => {
  const ports = makePorts({ store, env });
  return runSource(name, { at: sims.now(), url: sims.urls[name], pageSize: 10 }, ports).then((result) => ({
    ...result,
    ports,
  }));
};

describe.each(VENDORS)('%s', (name) => {
  test('ends with the same rows when three of ten answers are faulty', async () => {
    sims = await startSimulators(SHARED);
    const [calm, rough] = [memoryStore(), memoryStore()];
    for (let hour = 0; hour < 3; hour += 1) {
      sims.setFaults(undefined);
      expect((await run(name, calm)).exitCode).toBe(0);
      sims.setFaults({ rate: 0.3, seed: hour + 7 });
      expect((await run(name, rough)).exitCode).toBe(0);
      expect(sims.requests.some(({ fault }) => fault !== undefined)).toBe(true);
      sims.advance(HOUR_MS);
    }
    expect(contentOf(await foldSource(rough, name))).toEqual(contentOf(await foldSource(calm, name)));
  });

  test('has every record one calm run after drift at three of ten page turns, and marks no listed record deleted', async () => {
    sims = await startSimulators({ ...SHARED, kismetMaxPerPage: 10 });
    const store = memoryStore();
    sims.setDrift(0.3, 3, name === 'kismet' ? 0 : 0.3);
    for (let n = 0; n < 5; n += 1) {
      expect((await run(name, store)).exitCode).toBe(0);
      sims.advance(7 * HOUR_MS);
    }
    sims.setDrift(0);
    // Kalem's calls without a direction are listed when everything is read.
    sims.advance(72 * HOUR_MS);
    expect((await run(name, store)).exitCode).toBe(0);
    const rows = [...((await foldSource(store, name)).get(`${name}_calls`)?.values() ?? [])];
    const live = new Map(
      rows.map((row) => [
        String(row[name === 'zudu' || name === 'kismet' || name === 'solum' ? 'id' : 'call_id']),
        row['_deleted_at'] === null,
      ]),
    );
    const entries = [...sims.ledger.entries(name, 'calls').values()];
    const idOf = (text: string) => {
      const record = JSON.parse(text) as Record<string, unknown>;
      return String(name === 'kalem' ? record['call_id'] : record['id']);
    };
    const listed = entries
      .filter(({ removedAt }) => removedAt === null)
      .map(({ versions }) => idOf(versions.at(-1)?.text ?? '{}'));
    expect(listed.filter((id) => live.get(id) !== true)).toEqual([]);
    expect(listed.length).toBeGreaterThan(50);
  });

  test('requests again in a second run at the same instant, and changes nothing', async () => {
    sims = await startSimulators(SHARED);
    const store = memoryStore();
    await run(name, store);
    const before = contentOf(await foldSource(store, name));
    sims.resetRequests();
    const again = await run(name, store);
    expect(sims.requests.length).toBeGreaterThan(0);
    expect(totalsOf(again)).toMatchObject({ changed: 0, deleted: 0 });
    expect(contentOf(await foldSource(store, name))).toEqual(before);
  });

  test('puts no value, credential or address into a log line, a message, a key or a commit', async () => {
    const canaries = Array.from({ length: 12 }, (_, n) => `CANARY${n}x${(n * 7919 + 17).toString(36)}`);
    sims = await startSimulators({ ...SHARED, canaries });
    const planted = sims.ledger.canaries.filter(({ vendor }) => vendor === name);
    const store = memoryStore();
    const said: unknown[] = [];
    for (let n = 0; n < 3; n += 1) {
      sims.setFaults(n === 0 ? undefined : { rate: n === 1 ? 0.5 : 1, seed: n });
      const { ports, ...result } = await run(name, store);
      said.push(result, ports.lines);
      sims.advance(24 * HOUR_MS);
    }
    const bad = Object.fromEntries(
      Object.entries(sims.env).map(([key, value]) => [key, key.endsWith('URL') ? value : `${value}-wrong`]),
    );
    sims.setFaults(undefined);
    const { ports, ...refused } = await run(name, store, bad);
    said.push(refused, ports.lines);
    expect(refused).toMatchObject({ exitCode: 2 });
    const control = [...store.objects]
      .map(([key, body]) => (key.startsWith('raw/') ? expandStored(body).toString() : ''))
      .join('');
    expect(planted.some(({ canary, optedOut }) => !optedOut && control.includes(canary))).toBe(true);
    const small = [...store.objects]
      .filter(([key]) => /^(commits|leases|checkpoints)\//.test(key))
      .map(([, body]) => Buffer.from(body).toString());
    const text = JSON.stringify([said, small, [...store.objects.keys()]]);
    const secrets = Object.entries(sims.env)
      .filter(([key]) => !key.endsWith('URL'))
      .map(([, value]) => value);
    for (const word of [...planted.map(({ canary }) => canary), ...secrets, '127.0.0.1', '/101/calls'])
      expect(text).not.toContain(word);
  });
});

describe('a run of an account', () => {
  test('exits with 2 and requests nothing more when a credential is missing or refused', async () => {
    sims = await startSimulators(SHARED);
    const missing = await run('kismet', memoryStore(), { ...sims.env, KISMET_CLIENT_SECRET: undefined });
    expect(missing).toMatchObject({ exitCode: 2, error: expect.stringContaining('KISMET_CLIENT_SECRET') });
    expect(sims.requests).toHaveLength(0);
    const refused = await run('kismet', memoryStore(), { ...sims.env, KISMET_CLIENT_SECRET: 'wrong' });
    expect(refused).toMatchObject({ exitCode: 2, streams: [{ stream: 'organization_users', status: 'failed' }] });
    expect(sims.requests).toHaveLength(2);
  });

  test('keeps its commits, digests and rows apart from another account’s', async () => {
    sims = await startSimulators(SHARED);
    const store = memoryStore();
    for (const account of ['default', 'north']) {
      const options = { at: sims.now(), url: sims.urls.zudu, account };
      expect(totalsOf(await runSource('zudu', options, makePorts({ store, env: sims.env }))).changed).toBe(60);
    }
    const rows = (await foldSource(store, 'zudu', 'north')).get('zudu_calls');
    expect(new Set([...(rows?.values() ?? [])].map(({ account }) => account))).toEqual(new Set(['north']));
    expect([...store.objects.keys()].filter((key) => key.includes('north')).length * 2).toBeGreaterThan(
      store.objects.size - 2,
    );
  });

  test('of one stream reads the digest of its parent stream', async () => {
    sims = await startSimulators(SHARED);
    const store = memoryStore();
    await run('kismet', store);
    sims.resetRequests();
    sims.advance(60_000 * 60 * 24 * 30);
    const options = { at: sims.now(), url: sims.urls.kismet, streams: ['call_audit_logs'] };
    const result = await runSource('kismet', options, makePorts({ store, env: sims.env }));
    expect(result.streams.map(({ stream }) => stream)).toEqual(['call_audit_logs']);
    expect(sims.requests.length).toBeGreaterThan(0);
    expect(new Set(sims.requests.map(({ kind }) => kind))).toEqual(new Set(['audit']));
  });

  test('that commits several times counts each thing once', async () => {
    sims = await startSimulators(SHARED);
    const store = memoryStore();
    const ports = makePorts({ store, env: sims.env, clock: { tickMs: 20_000 } });
    const result = await runSource('zudu', { at: sims.now(), url: sims.urls.zudu, pageSize: 7 }, ports);
    const commits = await commitsOf(store, { source: 'zudu', account: 'default', stream: 'calls' });
    expect(commits.length).toBeGreaterThan(3);
    expect(commits.map(({ status }) => status)).toEqual([...commits.slice(1).map(() => 'partial'), 'ok']);
    const sum = (of: 'requests' | 'records' | 'changed') =>
      commits.reduce((total, { counts }) => total + counts[of], 0);
    expect({ requests: sum('requests'), records: sum('records'), changed: sum('changed') }).toEqual({
      requests: 9,
      records: 60,
      changed: 60,
    });
    expect(totalsOf(result)).toMatchObject({ requests: 9, records: 60, changed: 60 });
    // Twelve were staged before a word that they show was earned, and then once more.
    expect(commits.flatMap(({ staged }) => staged).reduce((rows, file) => rows + file.rows, 0)).toBe(72);
    expect(new Set(commits.map(({ loadId }) => loadId)).size).toBe(commits.length);
    expect(new Set(commits.map(({ runId }) => runId)).size).toBe(1);
  });
});
