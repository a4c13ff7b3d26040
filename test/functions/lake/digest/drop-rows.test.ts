import { expect, test } from 'vitest';
import type { Rows } from '../../../../functions/lake/digest/digest-parts.ts';
import { dropRows } from '../../../../functions/lake/digest/drop-rows.ts';
import { writeDigest } from '../../../../functions/lake/digest-objects.ts';
import { nodePorts } from '../../../../functions/node-ports.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { collect } from '../../../helpers/collect.ts';
import { digestEntry, digestSaver } from '../../../helpers/settled-digest.ts';

const LIMITS = { recentRows: 40, mostRecentRows: 160, shardRows: 50 };
const ROWS = 300;
const NONE: ReadonlySet<string> = new Set();

/** A digest of which most rows are settled, each with a cursor and a first key of its own. */
async function settled() {
  const store = memoryStore();
  const saver = digestSaver(store, LIMITS);
  const saved = saver.empty();
  for (let n = 0; n < ROWS; n += 1) {
    saved.digest.set(`k${n}`, digestEntry(String(n), { group: n % 2 === 0 ? 'even' : 'odd', alias: `by${n}` }));
    saved.digest.setCursor(`k${n}`, { readAt: n });
    saved.digest.setFirstKey(`by${n}`, { key: `k${n}`, firstSeenAt: n });
  }
  const { keys } = await saver.save(saved);
  return { store, saver, keys };
}

test('rows are removed from memory and from every shard, and counted no more; nothing else changes', async () => {
  const { store, saver, keys } = await settled();
  const { digest } = await saver.open(keys);
  // One that is in memory too.
  await digest.entries.load(['k8']);
  digest.set('k8', digestEntry('changed', { group: 'even', alias: 'by8' }));
  const erased = ['k8', 'k9', 'k10', 'k299'];
  const aliases = erased.map((key) => key.replace('k', 'by'));
  let part = 0;
  const put = async (bytes: Buffer) => {
    part += 1;
    await store.put(`new-${part}`, bytes);
    return `new-${part}`;
  };
  const names = { entries: new Set(erased), cursors: new Set(erased), firstKeys: new Set(aliases) };
  expect(await dropRows(digest, names, put)).toBe(true);
  expect(part).toBeGreaterThan(3);
  await writeDigest({ ...nodePorts, store }, 'whole', digest.everything());

  const { digest: left } = await saver.open(['whole']);
  const { entries, cursors, firstKeys } = left.parts;
  const namesIn = async <V>(rows: Rows<V>) =>
    (await collect(rows.batches())).flatMap((batch) => batch.map(([name]) => name)).sort();
  const kept = Array.from({ length: ROWS }, (_, n) => `k${n}`).filter((key) => !erased.includes(key));
  expect(await namesIn(entries)).toEqual([...kept].sort());
  expect(await namesIn(cursors)).toEqual([...kept].sort());
  expect(await namesIn(firstKeys)).toEqual(kept.map((key) => key.replace('k', 'by')).sort());
  expect(left.counts().live).toEqual(
    new Map([
      ['even', 148],
      ['odd', 148],
    ]),
  );
  await entries.load(kept);
  for (const key of kept) expect(entries.get(key)?.contentHash).toBe(key.slice(1));
  const shards = [entries, cursors, firstKeys].flatMap(({ settled: rows }) => rows?.shards.refs() ?? []);
  for (const { key, rows } of shards) if (rows > 0) expect(store.objects.has(key)).toBe(true);
});

test('nothing is written if no row has such a name', async () => {
  const { saver, keys } = await settled();
  const { digest } = await saver.open(keys);
  const names = { entries: new Set(['other']), cursors: NONE, firstKeys: new Set(['by-other']) };
  expect(await dropRows(digest, names, () => Promise.reject(new Error('something is written')))).toBe(false);
});

test.each(['cursors', 'firstKeys'] as const)('%s that are in memory alone are removed, and not saved', async (kind) => {
  const { saver } = await settled();
  const { digest } = saver.empty();
  digest.setCursor('k1', { readAt: 1 });
  digest.setFirstKey('k1', { key: 'x', firstSeenAt: 1 });
  const names = { entries: NONE, cursors: NONE, firstKeys: NONE };
  const put = () => Promise.reject(new Error('something is written'));
  expect(await dropRows(digest, { ...names, [kind]: new Set(['other']) }, put)).toBe(false);
  expect(await dropRows(digest, { ...names, [kind]: new Set(['k1']) }, put)).toBe(true);
  expect([digest.parts[kind].recent.size, digest.parts[kind].touched.size]).toEqual([0, 0]);
});

test('what a full scan in progress has shown of the other rows is kept', async () => {
  const { saver, keys } = await settled();
  const { digest } = await saver.open(keys);
  await digest.scan.begin();
  for (let n = 0; n < ROWS; n += 3) digest.scan.show(`k${n}`, 1);
  let part = 0;
  const put = async () => {
    part += 1;
    return `new-${part}`;
  };
  expect(await dropRows(digest, { entries: new Set(['k1', 'k3', 'k4']), cursors: NONE, firstKeys: NONE }, put)).toBe(
    true,
  );
  expect(part).toBeGreaterThan(0);
  const left = Array.from({ length: ROWS }, (_, n) => n).filter((n) => ![1, 3, 4].includes(n));
  expect(left.filter((n) => digest.scan.markOf(`k${n}`) !== (n % 3 === 0 ? 1 : 0))).toEqual([]);
});
