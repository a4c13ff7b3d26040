import { describe, expect, test } from 'vitest';
import { HASH_END, type Hash64, hash64, type Probes, type ShardRef } from '../../../../functions/lake/digest/shard.ts';
import type { ShardReader } from '../../../../functions/lake/digest/shard-reader.ts';
import { newShardSet } from '../../../../functions/lake/digest/shard-set.ts';

const HALF = HASH_END / 2;

/** Probes of rows, by their hashes; each has its place as fingerprint. */
function probesOf(hashes: readonly Hash64[]): Probes {
  const sorted = hashes.toSorted((a, b) => a.high - b.high || a.low - b.low);
  const column = (read: (hash: Hash64, n: number) => number) => Uint32Array.from(sorted, read);
  return {
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    printHigh: column((_, n) => n),
    printLow: column((_, n) => n + 100),
  };
}

/** Shards with these rows, and what their reader was asked for. */
function shardsWith(rows: readonly (readonly Hash64[])[]) {
  const size = HASH_END / rows.length;
  const refs = rows.map((own, n): ShardRef => ({ from: n * size, to: (n + 1) * size, rows: own.length, key: `s${n}` }));
  const asked: string[] = [];
  const forgotten: string[] = [];
  const reader: Pick<ShardReader, 'probes' | 'report' | 'forget'> = {
    async probes(ref) {
      asked.push(ref.key);
      return probesOf(rows[refs.indexOf(ref)] ?? []);
    },
    report: async (error) => Promise.reject(error),
    forget: (keys) => void forgotten.push(...keys),
  };
  return { refs, asked, forgotten, shards: newShardSet(refs, reader as ShardReader) };
}

/** Two names of which the first is in the lower half of all hashes, and the second in the upper one. */
const [LOW, HIGH] = ['a', 'b', 'c', 'd', 'e'].reduce<[string, string]>(
  ([low, high], name) => (hash64(name).high < HALF ? [name, high] : [low, name]),
  ['', ''],
);

describe('the shard of a name', () => {
  test('is the one whose range has its hash', () => {
    const { refs, shards } = shardsWith([[], [], [], []]);
    for (const name of [LOW, HIGH]) {
      const { high } = hash64(name);
      const { ref } = shards.placeOf(name);
      expect(ref).toBe(refs.find(({ from, to }) => from <= high && high < to));
    }
  });

  test.each([0, 1, 2, 3])('is the one with number %i at the first and the last hash of its range', (n) => {
    const { refs, shards } = shardsWith([[], [], [], []]);
    const ref = refs[n];
    expect([shards.at(ref?.from ?? 0), shards.at((ref?.to ?? 0) - 1)]).toEqual([ref, ref]);
  });

  test('has no row and no object where nothing was settled', () => {
    const { shards } = shardsWith([]);
    expect(shards.placeOf('a')).toEqual({
      ref: { from: 0, to: HASH_END, rows: 0, key: '' },
      bucket: 0,
      own: undefined,
      at: -1,
    });
  });
});

describe('probes', () => {
  test('are read once, of shards that have rows', async () => {
    const { shards, asked } = shardsWith([[hash64(LOW)], []]);
    expect(shards.hasProbes()).toBe(false);
    await shards.openProbes();
    await shards.openProbes();
    expect([shards.hasProbes(), asked]).toEqual([true, ['s0']]);
  });

  test('say the fingerprint of a name, and of no other; closed ones say nothing', async () => {
    const { shards } = shardsWith([[hash64(LOW)], [hash64(HIGH)]]);
    await shards.openProbes();
    expect([LOW, HIGH, 'other'].map(shards.printOf)).toEqual([{ high: 0, low: 100 }, { high: 0, low: 100 }, undefined]);
    shards.closeProbes();
    expect([LOW, shards.hasProbes()].map(String)).toEqual([LOW, 'false']);
    expect(shards.printOf(LOW)).toBeUndefined();
  });
});

describe('marks', () => {
  const { high, low } = hash64(LOW);

  test('are those of a name, the greatest one stays, and other rows have none', async () => {
    const { shards } = shardsWith([[hash64(LOW), { high, low: low + 1 }, { high: high + 1, low }], [hash64(HIGH)]]);
    await shards.openProbes();
    for (const mark of [2, 1]) shards.mark(LOW, mark);
    shards.mark('other', 3);
    const [ref] = shards.refs();
    expect([...(ref ? (shards.probed(ref)?.marks ?? []) : [])]).toEqual([2, 0, 0]);
    expect([LOW, HIGH, 'other'].map(shards.markOf)).toEqual([2, 0, 0]);
  });

  test('are those of all rows that share a hash, also at the end of a shard', async () => {
    const { shards } = shardsWith([[{ high: high - 1, low }, hash64(LOW), hash64(LOW)], []]);
    await shards.openProbes();
    shards.mark(LOW, 2);
    const [ref] = shards.refs();
    expect([...(ref ? (shards.probed(ref)?.marks ?? []) : [])]).toEqual([0, 2, 2]);
  });

  test('are replaced one by another, and forgotten, in all shards', async () => {
    const { shards } = shardsWith([[{ high: 1, low: 1 }, hash64(LOW)], [hash64(HIGH)]]);
    await shards.openProbes();
    for (const name of [LOW, HIGH]) shards.mark(name, 3);
    shards.lowerMarks(3, 2);
    expect([LOW, HIGH].map(shards.markOf)).toEqual([2, 2]);
    shards.lowerMarks(3, 1);
    expect([LOW, HIGH].map(shards.markOf)).toEqual([2, 2]);
    shards.clearMarks();
    expect([LOW, HIGH].map(shards.markOf)).toEqual([0, 0]);
  });

  test('are kept nowhere without probes', () => {
    const { shards } = shardsWith([[hash64(LOW)], []]);
    shards.mark(LOW, 3);
    shards.lowerMarks(3, 2);
    shards.clearMarks();
    expect(shards.markOf(LOW)).toBe(0);
  });
});

describe('shards that others replace', () => {
  const probed = { probes: probesOf([hash64(LOW)]), marks: Uint8Array.of(2) };

  test('are forgotten, with what was known of their rows; those that stay keep it', async () => {
    const { refs, shards, forgotten } = shardsWith([[hash64(LOW)], [hash64(HIGH)]]);
    await shards.openProbes();
    shards.mark(HIGH, 3);
    const [before, stays] = refs;
    if (!before || !stays) throw new Error('two shards are expected');
    const after = { ...before, key: 'new' };
    shards.replace([after, stays], new Map([[after, probed]]));
    expect(forgotten).toEqual(['s0']);
    expect(shards.refs()).toEqual([after, stays]);
    expect([LOW, HIGH].map(shards.markOf)).toEqual([2, 3]);
    expect([shards.probed(before), shards.probed(after)]).toEqual([undefined, probed]);
  });

  test('leave no probes where none are open', () => {
    const { refs, shards } = shardsWith([[hash64(LOW)]]);
    const [before] = refs;
    if (!before) throw new Error('a shard is expected');
    shards.replace([{ ...before, key: 'new' }], new Map([[before, probed]]));
    expect([shards.hasProbes(), shards.probed(before)]).toEqual([false, undefined]);
  });
});
