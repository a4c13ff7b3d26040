import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import { SHOWN } from '../../../../functions/lake/digest/scan-notes.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { collect } from '../../../helpers/collect.ts';
import { Killed, killingStore } from '../../../helpers/killing-store.ts';
import { digestEntry, digestSaver, type SavedDigest } from '../../../helpers/settled-digest.ts';

/** Small enough that rows are settled and shards are split all the time. */
const LIMITS = { recentRows: 40, mostRecentRows: 160, shardRows: 50 };

/** Uniform in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const GROUPS = [undefined, 'a', 'b'];

/** Random histories of a digest beside a plain map. */
async function play(seed: number, steps: number) {
  const random = randomOf(seed);
  const pick = (most: number) => Math.floor(random() * most);
  const store = memoryStore();
  const saver = digestSaver(store, LIMITS);
  let saved: SavedDigest = saver.empty();
  const expected = new Map<string, DigestEntry>();
  let shown: Set<string> | undefined;
  const nameOf = () => (random() < 0.1 ? `ünï-"\\,${pick(60)}` : `k${pick(600)}`);

  async function setSome() {
    const names = Array.from({ length: 12 }, nameOf);
    await saved.digest.entries.load(names);
    for (const name of names) {
      expect(saved.digest.entries.get(name)).toEqual(expected.get(name));
      const group = GROUPS[pick(3)];
      const entry = digestEntry(String(random()), {
        firstSeenAt: expected.get(name)?.firstSeenAt ?? pick(1e6),
        partOn: pick(1000),
        ...(group === undefined ? {} : { group }),
        alias: `by ${name}`,
        ...(random() < 0.2 ? { deletedAt: 7 } : {}),
        ...(random() < 0.1 ? { children: '[["t\\u001fx","h",1,2],["t\\u001fy","h",1,2,1]]' } : {}),
      });
      saved.digest.set(name, entry);
      saved.digest.setCursor(`p${name}`, { readAt: pick(1e6), parentHash: entry.contentHash });
      saved.digest.setFirstKey(`by ${name}`, { key: name, firstSeenAt: entry.firstSeenAt });
      expected.set(name, entry);
      if (shown && random() < 0.5) {
        saved.digest.scan.show(name, SHOWN);
        shown.add(name);
      }
    }
  }

  for (let step = 0; step < steps; step += 1) {
    const what = random();
    if (what < 0.6) await setSome();
    else if (what < 0.8) saved = await saver.save(saved);
    else if (what < 0.85) saved = await saver.save(saved, { ...LIMITS, recentRows: 0, mostRecentRows: 0 });
    else if (what < 0.95) {
      saved = await saver.open((await saver.save(saved)).keys);
      shown = undefined;
    } else {
      await saved.digest.scan.begin();
      shown = new Set();
      for (const name of expected.keys()) {
        if (random() < 0.5) continue;
        saved.digest.scan.show(name, SHOWN);
        shown.add(name);
      }
    }
    saved.digest.release();
  }
  return { saved, expected, shown, store, saver };
}

describe('a digest over settled rows', () => {
  test.each(Array.from({ length: 5 }, (_, n) => n + 1))('is what a plain map is (history %i)', async (seed) => {
    const { saved, expected, shown, store, saver } = await play(seed, 100);
    const { digest } = saved;
    if (shown) {
      const own = shown;
      const test = {
        settled: (print: { high: number; low: number }, mark: number) => mark === 0 && print.high !== 0,
        recent: (name: string, { deletedAt }: DigestEntry) => deletedAt === undefined && digest.scan.markOf(name) === 0,
      };
      const unshown = (await collect(digest.entries.batches(test))).flat().map(([name]) => name);
      const wanted = [...expected].filter(([name, { deletedAt }]) => deletedAt === undefined && !own.has(name));
      expect(unshown.sort()).toEqual(wanted.map(([name]) => name).sort());
    }
    const again = await saver.open((await saver.save(saved)).keys);
    expect(again.digest.parts.entries.settled?.shards.refs().length).toBeGreaterThan(5);
    const rows = (await collect(again.digest.entries.batches())).flat();
    expect(rows).toHaveLength(expected.size);
    expect(new Map(rows)).toEqual(expected);
    await again.digest.cursors.load([...expected.keys()].map((name) => `p${name}`));
    await again.digest.firstKeys.load([...expected.keys()].map((name) => `by ${name}`));
    for (const [name, { contentHash }] of expected) {
      expect(again.digest.cursors.get(`p${name}`)?.parentHash).toBe(contentHash);
      expect(again.digest.firstKeys.get(`by ${name}`)?.key).toBe(name);
    }
    const live = new Map<string | undefined, number>();
    for (const { group, deletedAt } of expected.values())
      if (deletedAt === undefined) live.set(group, (live.get(group) ?? 0) + 1);
    expect(again.digest.counts().live).toEqual(live);
    // What a save replaced is deleted: the log and the shards are all that is stored.
    const refs = Object.values(again.digest.parts).flatMap(({ settled }) => settled?.shards.refs() ?? []);
    const named = [...again.keys, ...refs.flatMap(({ key }) => (key === '' ? [] : [key]))];
    expect([...store.objects.keys()].sort()).toEqual(named.sort());
  });
});

test('a save that is killed at any write or delete leaves the digest as it was, or as it should be', async () => {
  const before = memoryStore();
  const limits = { recentRows: 5, mostRecentRows: 10, shardRows: 20 };
  const names = Array.from({ length: 60 }, (_, n) => `k${n}`);
  const first = digestSaver(before, limits);
  let saved = first.empty();
  for (const name of names) saved.digest.set(name, digestEntry('old'));
  saved = await first.save(saved);
  const { keys } = saved;
  const contents = async (store: MemoryStore, own: readonly string[]) => {
    const { digest } = await digestSaver(store, limits).open(own);
    return (await collect(digest.entries.batches())).flat().map(([name, { contentHash }]) => `${name}=${contentHash}`);
  };
  for (let effect = 1; ; effect += 1) {
    const store = memoryStore();
    for (const [key, body] of before.objects) store.objects.set(key, body);
    const killing = killingStore(store, { effect, when: 'before' });
    const { digest } = await digestSaver(killing.store, limits).open(keys);
    await digest.entries.load(names);
    for (const name of names) digest.set(name, digestEntry('new'));
    let named: readonly string[] = keys;
    const saver = digestSaver(killing.store, limits, (now) => {
      named = now;
    });
    await saver.save({ digest, keys }).catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    const isNew = named !== keys;
    expect(new Set(await contents(store, named))).toEqual(
      new Set(names.map((name) => `${name}=${isNew ? 'new' : 'old'}`)),
    );
    if (!killing.isDead()) break;
  }
});

test('a digest of an earlier version is read, and settles with its first keys', async () => {
  const store = memoryStore();
  const lines = Array.from(
    { length: 30 },
    (_, n) => `["e","k${n}",{"h":"h${n}","p":7,"f":${n},"g":"x","w":1,"a":"by-${n}"}]`,
  );
  const key = 'digests/unit/default/calls/000000000001-earlier.jsonl.gz';
  store.objects.set(key, gzipSync([...lines, '["l","x",{"r":5}]'].join('\n')));
  const saver = digestSaver(store, LIMITS);
  const { digest } = await saver.open([key]);
  expect(digest.firstKeys.get('by-3')).toEqual({ key: 'k3', firstSeenAt: 3 });
  digest.setCursor('x', { readAt: 6 });
  const saved = await saver.save({ digest, keys: [key] }, { ...LIMITS, recentRows: 10, mostRecentRows: 10 });
  expect([...store.objects.keys()]).not.toContain(key);
  const again = (await saver.open(saved.keys)).digest;
  await again.firstKeys.load(['by-3', 'by-99']);
  await again.entries.load(['k3']);
  expect(again.entries.recent.size).toBe(0);
  expect([again.firstKeys.get('by-3')?.key, again.firstKeys.get('by-99')]).toEqual(['k3', undefined]);
  expect(again.entries.get('k3')).toEqual({ contentHash: 'h3', partOn: 7, firstSeenAt: 3, group: 'x', alias: 'by-3' });
  expect(again.counts()).toEqual({ live: new Map([['x', 30]]), earliestDay: 7 });
  expect(again.cursors.recent.get('x')).toEqual({ readAt: 6 });
});
