import { describe, expect, test } from 'vitest';
import {
  bucketsIn,
  type FreshRow,
  type MergedShard,
  mergeShard,
  type ShardBefore,
} from '../../../../functions/lake/digest/merge-shard.ts';
import { HASH_END, hash64, readProbes, ShardFault } from '../../../../functions/lake/digest/shard.ts';

/** A row with a hash of the test's choice: two names may share one. */
function row(name: string, high: number, more: Partial<FreshRow> & { readonly value?: unknown } = {}): FreshRow {
  const { value = 1, ...own } = more;
  const line = `${JSON.stringify([name, value])}\n`;
  return { name, high, low: 0, printHigh: high + 1, printLow: high + 2, mark: 0, line, ...own };
}

const EMPTY: ShardBefore = { ref: { from: 0, to: HASH_END, rows: 0 }, bytes: new Uint8Array() };

/** A stored shard as the one before another merge. */
const stored = ({ from, to, rows, bytes, marks }: MergedShard): ShardBefore => ({
  ref: { from, to, rows },
  bytes,
  marks,
});

function only(shards: readonly MergedShard[]): MergedShard {
  const [shard] = shards;
  if (!shard || shards.length > 1) throw new Error(`${shards.length} shards`);
  return shard;
}

const linesOf = ({ bytes, rows }: MergedShard) =>
  [...bucketsIn(bytes, rows)].flatMap(({ text }) => Buffer.from(text).toString().trimEnd().split('\n'));

const old = (rows: readonly FreshRow[]) => stored(only(mergeShard(EMPTY, rows)));

describe('rows that are merged into a shard', () => {
  test('are in the order of their hashes, with hash and fingerprint each', () => {
    const shard = only(mergeShard(old([row('b', 20), row('d', 40)]), [row('a', 10), row('c', 30), row('e', 50)]));
    expect(linesOf(shard)).toEqual(['["a",1]', '["b",1]', '["c",1]', '["d",1]', '["e",1]']);
    const { high, low, printHigh, printLow } = readProbes(shard.bytes, shard.rows);
    expect([...high]).toEqual([10, 20, 30, 40, 50]);
    expect([...low]).toEqual([0, 0, 0, 0, 0]);
    expect([...printHigh]).toEqual([11, 21, 31, 41, 51]);
    expect([...printLow]).toEqual([12, 22, 32, 42, 52]);
  });

  test('are sorted by the low half where the high halves are equal', () => {
    const shard = only(mergeShard(old([row('b', 7, { low: 5 })]), [row('a', 7, { low: 4 }), row('c', 7, { low: 6 })]));
    expect(linesOf(shard)).toEqual(['["a",1]', '["b",1]', '["c",1]']);
  });

  test.each([
    { had: 3, has: 1, mark: 3 },
    { had: 1, has: 3, mark: 3 },
    { had: 0, has: 0, mark: 0 },
  ])('replace the row of their name; of the marks $had and $has it has $mark', ({ had, has, mark }) => {
    const shard = only(
      mergeShard(old([row('a', 7, { mark: had })]), [row('a', 7, { mark: has, value: 2, printHigh: 9 })]),
    );
    expect(linesOf(shard)).toEqual(['["a",2]']);
    expect([...shard.marks]).toEqual([mark]);
    expect([...readProbes(shard.bytes, 1).printHigh]).toEqual([9]);
  });

  test.each([
    { says: 'hash', other: row('b', 7) },
    { says: 'hash, and begins like its name', other: row('ab', 7) },
    { says: 'high half of its hash', other: row('b', 7, { low: 1 }) },
  ])('do not replace a row that has only the same $says', ({ other }) => {
    const shard = only(mergeShard(old([row('a', 7)]), [other]));
    expect(linesOf(shard).sort()).toEqual(['["a",1]', other.line.trim()].sort());
  });

  test('leave the marks of other rows as they are', () => {
    const shard = only(
      mergeShard(old([row('a', 1, { mark: 2 }), row('c', 3, { mark: 1 })]), [row('b', 2, { mark: 3 })]),
    );
    expect([...shard.marks]).toEqual([2, 3, 1]);
  });

  test('count by bytes, not by letters', () => {
    const shard = only(mergeShard(old([row('ü', 1, { value: 'ä€' })]), [row('ö', 2, { value: '𝄞' })]));
    expect(linesOf(shard)).toEqual(['["ü","ä€"]', '["ö","𝄞"]']);
  });

  test('of which there are none leave the shard as it was', () => {
    const shard = stored(only(mergeShard(EMPTY, [row('a', 1), row('b', 2)])));
    expect(only(mergeShard(shard, [])).bytes).toEqual(shard.bytes);
  });
});

describe('a shard that would have too many rows', () => {
  const rows = Array.from({ length: 10 }, (_, n) => row(`r${n}`, (n * HASH_END) / 10));

  test('is split into equal parts of its range, each filled to six tenths', () => {
    const shards = mergeShard(EMPTY, rows, 9);
    expect(shards.map(({ from, to, rows: count }) => [from, to, count])).toEqual([
      [0, HASH_END / 2, 5],
      [HASH_END / 2, HASH_END, 5],
    ]);
    expect(shards.flatMap(linesOf)).toEqual(rows.map(({ line }) => line.trim()));
    expect(shards.map(({ marks }) => marks.length)).toEqual([5, 5]);
  });

  test('is not split at as many as it may have', () => {
    expect(mergeShard(EMPTY, rows, 10).map(({ rows: count }) => count)).toEqual([10]);
  });

  test('is split into no more parts than its range has hashes', () => {
    const ref = { from: 6, to: 8, rows: 0 };
    const crowd = Array.from({ length: 9 }, (_, n) => row(`r${n}`, n < 4 ? 6 : 7));
    const shards = mergeShard({ ref, bytes: new Uint8Array() }, crowd, 2);
    expect(shards.map(({ from, to, rows: count }) => [from, to, count])).toEqual([
      [6, 7, 4],
      [7, 8, 5],
    ]);
  });
});

describe('rows that are left out', () => {
  const named = (name: string) => row(name, hash64(name).high, hash64(name));
  const all = ['a', 'b', 'c'].map(named).sort((one, other) => one.high - other.high);

  test('are those of these names alone', () => {
    const shard = only(mergeShard({ ...old(all), dropped: ['b', 'other'] }, []));
    expect(linesOf(shard).sort()).toEqual(['["a",1]', '["c",1]']);
  });

  test('have more than their hash in common with the name', () => {
    const twin = row('twin', hash64('b').high, hash64('b'));
    const shard = only(mergeShard({ ...old([twin]), dropped: ['b'] }, []));
    expect(linesOf(shard)).toEqual(['["twin",1]']);
  });
});

describe('a shard is refused as damaged', () => {
  const { bytes, ref } = old([row('a', 1), row('b', 2)]);
  test.each([
    { says: 'that is longer than its index says', damaged: { ref, bytes: Buffer.concat([bytes, Buffer.of(10)]) } },
    { says: 'that is shorter', damaged: { ref, bytes: bytes.subarray(0, -1) } },
    { says: 'of which other rows are expected', damaged: { ref: { ...ref, rows: 3 }, bytes } },
  ])('$says', ({ damaged }) => {
    expect(() => mergeShard(damaged, [])).toThrow(ShardFault);
  });

  test('whose last line does not end, or that has fewer lines than rows', () => {
    const endless = only(mergeShard(EMPTY, [row('a', 1, { line: '["a",1]' })]));
    expect(() => mergeShard(stored(endless), [])).toThrow(ShardFault);
    const double = only(mergeShard(EMPTY, [row('a', 1, { line: '["a",1]\n["b",1]\n' })]));
    expect(() => mergeShard(stored(double), [])).toThrow(ShardFault);
  });
});
