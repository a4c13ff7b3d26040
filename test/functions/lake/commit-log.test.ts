import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { commitKey } from '../../../functions/lake/objects.ts';
import type { MemoryStore } from '../../../local/lake/memory-store.ts';
import { AT, clinic, HOUR_MS, SOLUM_ID } from '../../helpers/clinic.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { solumCall, solumCalls } from '../../helpers/solum-server.ts';

const bytes = (text: string) => Buffer.from(text);
/** A commit as earlier versions wrote it, without its checksum. */
const unsealed = (is: Uint8Array) =>
  Buffer.from(is)
    .toString()
    .replace(/,"crc32":"[0-9a-f]{8}"/, '');
const FIRST = commitKey(SOLUM_ID, 1);

async function started() {
  const calls = solumCalls(8);
  const place = await clinic(calls);
  expect((await place.run(0)).exitCode).toBe(0);
  const { objects } = place.store as MemoryStore;
  return { ...place, calls, objects };
}

describe('a stream whose last commit cannot be read', () => {
  test.each([
    { says: 'is empty', body: () => bytes(''), error: 'not a commit' },
    { says: 'is cut short', body: (is: Uint8Array) => is.slice(0, 100), error: 'not a commit' },
    { says: 'has no version', body: () => bytes('{}'), error: 'not a commit' },
    {
      says: 'has a version that is no number',
      body: (is: Uint8Array) => bytes(Buffer.from(is).toString().replace('"version":1', '"version":"1"')),
      error: 'not a commit',
    },
    {
      says: 'has another version',
      body: (is: Uint8Array) => bytes(Buffer.from(is).toString().replace('"version":1', '"version":3')),
      error: 'it has format 3, this version reads formats 1 and 2; update Callhouse',
    },
    {
      says: 'is that of another stream',
      body: (is: Uint8Array) => bytes(unsealed(is).replace('"account":"default"', '"account":"north"')),
      error: 'it is the commit of another stream or number',
    },
    {
      says: 'has another number',
      body: (is: Uint8Array) => bytes(unsealed(is).replace('"n":1', '"n":7')),
      error: 'it is the commit of another stream or number',
    },
    {
      says: 'has another digit somewhere',
      body: (is: Uint8Array) => bytes(Buffer.from(is).toString().replace('"records":8', '"records":9')),
      error: 'it does not match its checksum; restore it from a copy',
    },
  ])('fails with exit 4, names the key and changes nothing if the commit $says', async ({ body, error }) => {
    const { run, objects } = await started();
    objects.set(FIRST, body(objects.get(FIRST) ?? bytes('')));
    const before = [...objects.keys()].filter((key) => !key.startsWith('leases/'));
    const result = await run(1);
    expect(result.exitCode).toBe(4);
    expect(result.streams[0]?.error).toContain(`${FIRST} in memory cannot be read: ${error}`);
    expect(result.asked).toBe(0);
    expect([...objects.keys()].filter((key) => !key.startsWith('leases/'))).toEqual(before);
  });

  test('is read without a checksum, as an earlier version wrote it', async () => {
    const { run, objects } = await started();
    objects.set(FIRST, bytes(unsealed(objects.get(FIRST) ?? bytes(''))));
    expect(await run(1)).toMatchObject({ exitCode: 0, totals: { changed: 0 } });
  });

  test('fails with exit 4 if no version wrote such a state', async () => {
    const { run, objects } = await started();
    const text = unsealed(objects.get(FIRST) ?? bytes(''));
    objects.set(FIRST, bytes(text.replace('"tiers":{', '"tiers":"none","then":{')));
    expect(await run(1)).toMatchObject({ exitCode: 4 });
  });
});

describe('a digest object', () => {
  const digestKey = (objects: Map<string, Uint8Array>) =>
    [...objects.keys()].find((key) => key.startsWith('digests/')) ?? '';

  test('is never taken as empty if it is missing: the run fails with exit 4 and names the key', async () => {
    const { run, objects } = await started();
    const key = digestKey(objects);
    objects.delete(key);
    const result = await run(1);
    expect(result).toMatchObject({ exitCode: 4, asked: 0 });
    expect(result.streams[0]?.error).toContain(`${key} is missing in memory, but a commit names it`);
  });

  test('fails the run with exit 4 if it is damaged', async () => {
    const { run, objects } = await started();
    const key = digestKey(objects);
    objects.set(key, (objects.get(key) ?? bytes('')).slice(0, 40));
    expect(await run(1)).toMatchObject({ exitCode: 4 });
  });

  test('contains keys, hashes and times, but no value of a record', async () => {
    const { objects } = await started();
    const text = gunzipSync(objects.get(digestKey(objects)) ?? bytes('')).toString();
    expect(text).toContain('["e","1",{"h":"');
    expect(text).not.toContain('pending');
  });

  test('replaces many smaller ones, and rows keep their versions', async () => {
    const { run, calls, objects, rows } = await started();
    for (let hour = 1; hour <= 30; hour += 1) {
      calls.unshift(solumCall(`h${hour}`, -60 * hour));
      await run(hour);
    }
    expect([...objects.keys()].filter((key) => key.startsWith('digests/')).length).toBeLessThan(10);
    expect((await run(31)).totals.changed).toBe(0);
    expect((await rows()).size).toBe(38);
    expect((await rows()).get('1')?.['_seq']).toBe(1n);
  });
});

describe('a long log', () => {
  test('is opened at its last commit, whatever else is beside it', async () => {
    const { run, objects } = await started();
    const others = ['commits/solum/default/calls/000000000001.json.bak', 'checkpoints/solum/default/calls/old'];
    for (const key of others) objects.set(key, bytes('x'));
    expect(await run(1)).toMatchObject({ exitCode: 0, totals: { changed: 0 } });
    expect(objects.has(commitKey(SOLUM_ID, 2))).toBe(true);
  });

  test('is opened by its mark, and continues after it', async () => {
    const { run, store, objects } = await started();
    for (let n = 2; n <= 130; n += 1) await run(n / 10);
    expect((await commitsOf(store, SOLUM_ID)).map(({ n }) => n)).toEqual(Array.from({ length: 130 }, (_, n) => n + 1));
    expect([...objects.keys()].filter((key) => key.startsWith('checkpoints/'))).toEqual([
      'checkpoints/solum/default/calls/000000000064',
      'checkpoints/solum/default/calls/000000000128',
    ]);
    const listed: string[] = [];
    const { list } = store;
    store.list = async function* (prefix, options) {
      for await (const key of list(prefix, options)) {
        if (prefix.startsWith('commits/')) listed.push(key);
        yield key;
      }
    };
    expect((await run(14)).exitCode).toBe(0);
    expect(listed).toEqual([128, 129, 130].map((n) => commitKey(SOLUM_ID, n)));
  });

  test('begins again after it was moved away, even if its mark is still there', async () => {
    const { run, objects, store } = await started();
    for (let n = 2; n <= 65; n += 1) await run(n / 10);
    for (const key of [...objects.keys()]) if (key.startsWith('commits/')) objects.delete(key);
    expect((await run(7)).totals.changed).toBe(8);
    expect((await run(8)).totals.changed).toBe(0);
    expect((await commitsOf(store, SOLUM_ID)).map(({ n }) => n)).toEqual([1, 2]);
    expect([...objects.keys()].filter((key) => key.startsWith('checkpoints/'))).toEqual([]);
  });

  test('is refused before the first request if its mark is greater than its last commit', async () => {
    const { run, objects } = await started();
    for (let n = 2; n <= 65; n += 1) await run(n / 10);
    for (let n = 64; n <= 65; n += 1) objects.delete(commitKey(SOLUM_ID, n));
    const result = await run(7);
    expect(result).toMatchObject({ exitCode: 4, asked: 0 });
    expect(result.streams[0]?.error).toContain(
      `there were commits after ${commitKey(SOLUM_ID, 63)}, the last one; restore`,
    );
  });
});

describe('two runs at once', () => {
  test('conflict when one commits first: the other stops with exit 0 and writes nothing that counts', async () => {
    const { run, calls, store, server, rows } = await started();
    calls.unshift(solumCall('new', -30));
    // The other run is alive, has let its lease run out, and commits between this one's reading and its commit.
    const other = makePorts({ store, env: { SOLUM_API_KEY: 'key' } });
    let interposed = false;
    const put = store.put.bind(store);
    store.put = async (key, body, options) => {
      if (key === commitKey(SOLUM_ID, 2) && !interposed) {
        interposed = true;
        const there = await runSource('solum', { at: new Date(AT + HOUR_MS), url: server.url, pageSize: 5 }, other);
        expect(there.exitCode).toBe(0);
      }
      return put(key, body, options);
    };
    const result = await run(1);
    expect(interposed).toBe(true);
    expect(result).toMatchObject({
      exitCode: 0,
      streams: [{ status: 'busy', error: expect.stringContaining('another run committed first') }],
    });
    store.put = put;
    expect((await commitsOf(store, SOLUM_ID)).map(({ n }) => n)).toEqual([1, 2]);
    expect((await rows()).get('new')?.['_load_id']).toBe((await commitsOf(store, SOLUM_ID)).at(-1)?.loadId);
    expect((await run(2)).totals.changed).toBe(0);
  });

  test('do not both work if they start at the same moment: one of them reports the other', async () => {
    const { server, store } = await clinic(solumCalls(20));
    const options = { at: new Date(AT), url: server.url, pageSize: 5 };
    const alive = { process: { isGone: () => false }, store, env: { SOLUM_API_KEY: 'key' } };
    const results = await Promise.all([1, 2].map(() => runSource('solum', options, makePorts(alive))));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(results.filter(({ error }) => error?.includes('another run is in progress'))).toHaveLength(1);
    expect(await commitsOf(store, SOLUM_ID)).toHaveLength(1);
  });
});

test('keys keep their days, and numbers continue, if the log is gone but the warehouse exists', async () => {
  const { server, store } = await clinic(solumCalls(3));
  const firstSeenAt = Date.parse('2026-01-01T00:00:00Z');
  const recalled = { partOn: '2025-12-31', firstSeenAt, deletedAt: undefined, seq: 41 };
  const ports = makePorts({
    store,
    env: { SOLUM_API_KEY: 'key' },
    readBackFromWarehouse: async () => [
      { ...recalled, key: ['2'] },
      { ...recalled, key: ['gone'], seq: 57 },
    ],
  });
  const result = await runSource('solum', { at: new Date(AT), url: server.url }, ports);
  expect(result.exitCode).toBe(0);
  expect(ports.lines.find(({ level }) => level === 'warn')?.message).toContain('the commit log is gone');
  const rows = rowsOf(await foldSource(store, 'solum'), 'solum_calls');
  expect(rows.get('2')).toMatchObject({
    _first_seen_at: firstSeenAt,
    _part_on: Date.parse('2025-12-31') / 86_400_000,
    _seq: 58n,
  });
  expect(rows.get('1')).toMatchObject({ _first_seen_at: AT });
});
