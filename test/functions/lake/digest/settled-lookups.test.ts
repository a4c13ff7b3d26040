import { describe, expect, test } from 'vitest';
import { StateError } from '../../../../functions/errors.ts';
import { openDigest } from '../../../../functions/lake/digest/open-digest.ts';
import { WALKED } from '../../../../functions/lake/digest/scan-notes.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import { nodePorts } from '../../../../functions/node-ports.ts';
import type { ByteRange, Store } from '../../../../functions/ports.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { collect } from '../../../helpers/collect.ts';
import { DIGEST_ID, digestEntry, digestSaver } from '../../../helpers/settled-digest.ts';

const namesUpTo = (count: number) => Array.from({ length: count }, (_, n) => `call-${n}`);
const NAMES = namesUpTo(1000);

/** A digest of settled entries, opened again over a store that notes which ranges of shards are read. */
async function settled(names = NAMES, shardRows = 400) {
  const store = memoryStore();
  const limits = { recentRows: 0, mostRecentRows: 0, shardRows };
  const { digest: first } = digestSaver(store, limits).empty();
  for (const name of names) first.set(name, digestEntry(name));
  const { keys } = await digestSaver(store, limits).save({ digest: first, keys: [] });
  const ranges: (ByteRange | undefined)[] = [];
  const noted: Store = {
    ...store,
    get(key, range) {
      if (key.endsWith('.rows')) ranges.push(range);
      return store.get(key, range);
    },
  };
  const digest = await openDigest({ ...nodePorts, store: noted }, keys, { id: DIGEST_ID });
  const rows = digest.parts.entries.settled;
  if (!rows) throw new Error('nothing is settled');
  return { store, keys, digest, rows, ranges };
}

describe('a settled row', () => {
  test('is known to be there, or not, once it is loaded', async () => {
    const { digest } = await settled();
    await digest.entries.load(['call-7', 'unknown']);
    expect([digest.entries.has('call-7'), digest.entries.has('unknown')]).toEqual([true, false]);
    await digest.openProbes();
    expect([digest.entries.has('call-7'), digest.entries.has('unknown')]).toEqual([true, false]);
  });

  test('has its fingerprint and mark among the probes, wherever it is in its shard', async () => {
    const { digest, rows } = await settled();
    expect([rows.shards.printOf('call-7'), rows.shards.markOf('call-7')]).toEqual([undefined, 0]);
    await digest.openProbes();
    for (const name of NAMES) {
      expect(rows.shards.printOf(name)).toEqual(rows.codec.fingerprint(digestEntry(name)));
      rows.shards.mark(name, 2);
      rows.shards.mark(name, 1);
      expect(rows.shards.markOf(name)).toBe(2);
    }
    rows.shards.mark('unknown', 2);
    expect([rows.shards.printOf('unknown'), rows.shards.markOf('unknown')]).toEqual([undefined, 0]);
  });

  test('is forgotten with all others, if more are loaded than may be', async () => {
    const { digest, rows } = await settled();
    await digest.entries.load(NAMES.slice(0, 10));
    rows.forgetMany(10);
    expect(rows.isLoaded('call-9')).toBe(true);
    rows.forgetMany(9);
    expect(NAMES.filter(rows.isLoaded)).toEqual([]);
    expect(() => rows.get('call-9')).toThrow('a row of the digest is used that was not loaded');
  });

  test('is forgotten alone', async () => {
    const { digest, rows } = await settled();
    await digest.entries.load(['call-1', 'call-2']);
    rows.forget('call-1');
    expect(['call-1', 'call-2'].map(rows.isLoaded)).toEqual([false, true]);
  });
});

describe('settled rows that pass a test', () => {
  test('are found by their fingerprints; shards of which none does are not read', async () => {
    const { digest, rows, ranges } = await settled();
    await digest.openProbes();
    const probes = ranges.length;
    const wanted = rows.codec.fingerprint(digestEntry('call-5'));
    const found = await collect(rows.rows((print) => print.high === wanted.high && print.low === wanted.low));
    expect(found.map((batch) => batch.rows)).toEqual([[['call-5', digestEntry('call-5')]]]);
    // Its index and its bucket.
    expect(ranges.slice(probes).map((range) => range !== undefined)).toEqual([true, true]);
    expect(await collect(rows.rows(() => false))).toEqual([]);
    expect(ranges).toHaveLength(probes + 2);
  });

  test('and are in many buckets of a shard are read at once', async () => {
    const { digest, rows, ranges } = await settled(namesUpTo(4000), 4000);
    await digest.openProbes();
    const probes = ranges.length;
    const found = await collect(rows.rows((print) => print.high % 2 === 0));
    const names = found.flatMap((batch) => batch.rows.map(([name]) => name));
    const isEven = (name: string) => rows.codec.fingerprint(digestEntry(name)).high % 2 === 0;
    expect(names.sort()).toEqual(namesUpTo(4000).filter(isEven).sort());
    expect(ranges.length - probes).toBe(rows.shards.refs().length);
    expect(ranges.slice(probes).every((range) => range === undefined)).toBe(true);
  });

  test('by their marks are those that a scan has not shown', async () => {
    const { digest, rows } = await settled();
    await digest.scan.begin();
    for (const name of NAMES.slice(3)) digest.scan.show(name, WALKED);
    const found = await collect(rows.rows((_, mark) => mark === 0));
    expect(found.flatMap((batch) => batch.rows.map(([name]) => name)).sort()).toEqual(NAMES.slice(0, 3));
  });
});

test('rows of which there are none are read without a request', async () => {
  const { digest, ranges } = await settled();
  const before = ranges.length;
  const cursors = digest.parts.cursors.settled;
  if (!cursors) throw new Error('no cursor is settled');
  expect(await collect(cursors.rows())).toEqual([]);
  expect(await collect(digest.entries.batches({ settled: () => true, recent: () => false }))).not.toEqual([]);
  expect(ranges.length).toBeGreaterThan(before);
});

test('what a scan has shown is continued by a run that opens the digest again', async () => {
  const { store, keys, digest } = await settled();
  await digest.scan.begin();
  digest.scan.show('call-1', WALKED);
  digest.scan.coverageOf('x').add(3, 9);
  digest.scan.coverageOf('x').addTie(9);
  await digest.entries.load(['recent']);
  digest.set('recent', digestEntry('r'));
  digest.scan.show('recent', WALKED);
  const notes = digest.scan.stored();
  const again = await openDigest({ ...nodePorts, store }, keys, { id: DIGEST_ID });
  await again.entries.load(['recent']);
  again.set('recent', digestEntry('r'));
  expect(await again.scan.restore(notes)).toBe(true);
  expect(['call-1', 'call-2', 'recent'].map(again.scan.markOf)).toEqual([WALKED, 0, WALKED]);
  expect(again.scan.coverageOf('x').stored()).toEqual({ spans: [3, 9], ties: [9] });
  expect(again.scan.coverageOf('y').stored()).toEqual({ spans: [], ties: [] });
  const other = await openDigest({ ...nodePorts, store }, keys, { id: DIGEST_ID });
  for (const damaged of [notes.subarray(0, -1), Buffer.concat([notes, Buffer.from('x')])])
    expect(await other.scan.restore(damaged)).toBe(false);
  expect(other.scan.isOpen()).toBe(false);
});

test('a shard that is missing is an error unless somebody says that another run has committed', async () => {
  const { store, keys } = await settled();
  for (const key of store.objects.keys()) if (key.endsWith('.rows')) store.objects.delete(key);
  const digest = await openDigest({ ...nodePorts, store }, keys, { id: DIGEST_ID });
  await expect(digest.entries.load(['call-1'])).rejects.toThrow(StateError);
});

test('a scan that has ended is open no more, and has shown nothing', async () => {
  const { digest } = await settled();
  await digest.scan.begin();
  digest.scan.show('call-1', WALKED);
  expect([digest.scan.isOpen(), digest.scan.markOf('call-1')]).toEqual([true, WALKED]);
  digest.scan.end();
  expect([digest.scan.isOpen(), digest.scan.markOf('call-1')]).toEqual([false, 0]);
});

test('marks of rows that were settled meanwhile are with their shards', async () => {
  const { digest } = await settled();
  await digest.entries.load(['new']);
  digest.set('new', digestEntry('n'));
  await digest.scan.begin();
  digest.scan.show('new', WALKED);
  digest.parts.entries.recent.delete('new');
  expect(digest.scan.markOf('new')).toBe(WALKED);
  digest.scan.prune();
  expect(digest.scan.markOf('new')).toBe(0);
});

test('no batch of a digest is empty', async () => {
  const digest = newDigest();
  expect(await collect(digest.entries.batches())).toEqual([]);
  digest.set('a', digestEntry('h'));
  expect(await collect(digest.entries.batches({ settled: () => true, recent: () => false }))).toEqual([]);
  expect(await collect(digest.entries.batches())).toEqual([[['a', digestEntry('h')]]]);
});
