import { describe, expect, test } from 'vitest';
import { AlreadyRunningError, StateError } from '../../../../functions/errors.ts';
import { openDigest } from '../../../../functions/lake/digest/open-digest.ts';
import { nodePorts } from '../../../../functions/node-ports.ts';
import type { ByteRange, Store } from '../../../../functions/ports.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { collect } from '../../../helpers/collect.ts';
import { DIGEST_ID, digestEntry, digestSaver } from '../../../helpers/settled-digest.ts';

const LIMITS = { recentRows: 0, mostRecentRows: 0, shardRows: 400 };
const NAMES = Array.from({ length: 1000 }, (_, n) => `call-${n}`);

/** A digest of a thousand entries, all of them settled. */
async function settledDigest() {
  const store = memoryStore();
  const saver = digestSaver(store, LIMITS);
  const { digest } = saver.empty();
  for (const [n, name] of NAMES.entries()) digest.set(name, digestEntry(`hash-${n}`, { firstSeenAt: n }));
  const { keys } = await saver.save({ digest, keys: [] });
  const shards = [...store.objects.keys()].filter((key) => key.endsWith('.rows'));
  return { store, keys, shards };
}

/** A store that notes what is read of shards. */
function noting(store: Store) {
  const reads: { readonly key: string; readonly range: ByteRange | undefined; readonly bytes: number }[] = [];
  const noted: Store = {
    ...store,
    async get(key, range) {
      const body = await store.get(key, range);
      if (key.endsWith('.rows')) reads.push({ key, range, bytes: body?.byteLength ?? 0 });
      return body;
    },
  };
  return { store: noted, reads };
}

const open = (store: Store, keys: readonly string[], isOvertaken = false) =>
  openDigest({ ...nodePorts, store }, keys, { id: DIGEST_ID, isOvertaken: async () => isOvertaken });

describe('a lookup in settled rows', () => {
  test('reads an index and a bucket, and the bucket alone the next time', async () => {
    const { store, keys } = await settledDigest();
    const { store: noted, reads } = noting(store);
    const digest = await open(noted, keys);
    expect(reads).toEqual([]);
    await digest.entries.load(['call-7']);
    expect(digest.entries.get('call-7')).toEqual(digestEntry('hash-7', { firstSeenAt: 7 }));
    expect(reads.map(({ range }) => range !== undefined)).toEqual([true, true]);
    expect(reads.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(6000);
    const own = reads[0]?.key;
    const other = NAMES.find((name) => name !== 'call-7' && isIn(digest, name, own));
    await digest.entries.load(['call-7', other]);
    expect(reads).toHaveLength(3);
  });

  const isIn = (digest: Awaited<ReturnType<typeof open>>, name: string, key: string | undefined) =>
    digest.parts.entries.settled?.shards.placeOf(name).ref.key === key;

  test('that finds no row says so, and one that was not made is a bug', async () => {
    const { store, keys } = await settledDigest();
    const digest = await open(store, keys);
    await digest.entries.load(['unknown']);
    expect(digest.entries.get('unknown')).toBeUndefined();
    expect(() => digest.entries.get('call-1')).toThrow('a row of the digest is used that was not loaded');
  });

  test('of most of a shard reads it at once', async () => {
    const { store, keys, shards } = await settledDigest();
    const { store: noted, reads } = noting(store);
    const digest = await open(noted, keys);
    await digest.openProbes();
    const before = reads.length;
    expect(before).toBe(shards.length);
    await digest.entries.load(['unknown']);
    expect(reads).toHaveLength(before);
    expect([digest.entries.has('call-3'), digest.entries.has('other')]).toEqual([true, false]);
    expect((await collect(digest.entries.batches())).flat()).toHaveLength(NAMES.length);
    expect(reads.slice(before).every(({ range }) => range === undefined)).toBe(true);
  });

  test('is followed by the probes once there are many', async () => {
    const { store, keys } = await settledDigest();
    const digest = await open(store, keys);
    for (let n = 0; n < 6; n += 1) await digest.entries.load(Array.from({ length: 200 }, (_, k) => `new-${n}-${k}`));
    expect(digest.hasProbes()).toBe(true);
  });
});

describe('a shard', () => {
  test('that is missing is an error that says what to do, if no other run has committed', async () => {
    const { store, keys, shards } = await settledDigest();
    for (const key of shards) store.objects.delete(key);
    const digest = await open(store, keys);
    const work = [() => digest.entries.load(['call-1']), () => digest.openProbes()];
    for (const read of [...work, () => collect(digest.entries.batches())]) {
      await expect(read()).rejects.toThrow(StateError);
      await expect(read()).rejects.toThrow(
        /\.rows is missing in memory, but a commit names it; restore it from a copy/,
      );
    }
  });

  test('that is missing stops the run without advice if another run has committed since', async () => {
    const { store, keys, shards } = await settledDigest();
    for (const key of shards) store.objects.delete(key);
    const digest = await open(store, keys, true);
    await expect(digest.entries.load(['call-1'])).rejects.toThrow(AlreadyRunningError);
    await expect(digest.openProbes()).rejects.toThrow(AlreadyRunningError);
  });

  test('that was merged into another one while it was read is read there', async () => {
    const { store, keys } = await settledDigest();
    const saver = digestSaver(store, LIMITS);
    const digest = await open(store, keys);
    await digest.entries.load(['fresh']);
    digest.set('fresh', digestEntry('f'));
    // The lookup has begun, and the shard is gone before its bytes are asked for.
    const loading = digest.entries.load(['call-1', 'call-2']);
    const saved = await saver.save({ digest, keys });
    await loading;
    expect(digest.entries.get('call-1')?.contentHash).toBe('hash-1');
    expect(saved.keys).not.toEqual(keys);
  });

  // One byte of every part: header, index, probes, text.
  test.each([0, 4, 9, 13, 17, 30, 200, 4000, -1, -40])('of which byte %i is wrong is refused', async (at) => {
    const { store, keys, shards } = await settledDigest();
    for (const key of shards) {
      const body = Buffer.from(store.objects.get(key) ?? []);
      const place = at < 0 ? body.length + at : at;
      body[place] = (body[place] ?? 0) ^ 4;
      store.objects.set(key, body);
    }
    const everything = async () => {
      const digest = await open(store, keys);
      await digest.openProbes();
      return collect(digest.entries.batches());
    };
    await expect(everything()).rejects.toThrow(StateError);
    await expect(everything()).rejects.toThrow(/\.rows in memory is damaged; restore it from a copy, or move/);
  });

  test('that is cut short is refused', async () => {
    const { store, keys, shards } = await settledDigest();
    for (const key of shards) store.objects.set(key, (store.objects.get(key) ?? Buffer.of()).slice(0, -1));
    const digest = await open(store, keys);
    await expect(collect(digest.entries.batches())).rejects.toThrow('is damaged');
    for (const key of shards) store.objects.set(key, Buffer.of());
    await expect(digest.entries.load(['call-1'])).rejects.toThrow('is damaged');
  });

  test('of a newer format is refused with the advice to update', async () => {
    const { store, keys, shards } = await settledDigest();
    for (const key of shards) Buffer.from(store.objects.get(key)?.buffer ?? new ArrayBuffer(0)).writeUInt8(2, 3);
    const digest = await open(store, keys);
    await expect(digest.entries.load(['call-1'])).rejects.toThrow(/has a newer format; update Callhouse/);
  });
});

test('a root of a newer format is refused with the advice to update', async () => {
  const store = memoryStore();
  store.objects.set('log', Buffer.from(await nodePorts.codec.compress(Buffer.from('["r","2",{}]'))));
  await expect(open(store, ['log'])).rejects.toThrow('log in memory has a newer format; update Callhouse');
});
