import { describe, expect, test } from 'vitest';
import { type SettleOptions, settle } from '../../../../functions/lake/digest/settle.ts';
import { openSettledRows, type RowCodec } from '../../../../functions/lake/digest/settled-rows.ts';
import { HASH_END, hash64 } from '../../../../functions/lake/digest/shard.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { collect } from '../../../helpers/collect.ts';

/** Rows whose value says how recent they are. */
const codec = (staysLoaded: boolean): RowCodec<number> => ({
  encode: (value) => value,
  decode: (stored) => stored as number,
  fingerprint: (value) => ({ high: value, low: 0 }),
  recency: (value) => value,
  staysLoaded,
});

/** Settled rows over an empty store. */
function emptyRows({ staysLoaded = false } = {}) {
  const store = memoryStore();
  const describe = async () => new Error('trouble');
  const settled = openSettledRows({ store, codec: codec(staysLoaded), shards: [], describe });
  let part = 0;
  const put = async (bytes: Buffer) => {
    part += 1;
    store.objects.set(`shard-${part}`, bytes);
    return `shard-${part}`;
  };
  const run = (recent: Map<string, number>, more: Partial<SettleOptions<number>> = {}) =>
    settle(settled, { recent, from: 0, most: 99, stay: 0, shardRows: 100, markOf: () => 0, put, ...more });
  const stored = async () => new Map((await collect(settled.rows())).flatMap(({ rows }) => rows));
  return { settled, store, run, stored };
}

const rowsUpTo = (count: number) => new Map(Array.from({ length: count }, (_, n) => [`r${n}`, n + 1]));

describe('rows that are settled', () => {
  test('are in shards, and in memory no more', async () => {
    const { run, stored } = emptyRows();
    const recent = rowsUpTo(5);
    expect(await run(recent)).toEqual({ superseded: [], next: undefined });
    expect([...recent.keys()]).toEqual([]);
    expect(await stored()).toEqual(rowsUpTo(5));
  });

  test.each([
    { stay: 2, left: ['r3', 'r4'] },
    { stay: 4, left: ['r1', 'r2', 'r3', 'r4'] },
    { stay: 5, left: ['r0', 'r1', 'r2', 'r3', 'r4'] },
    { stay: 9, left: ['r0', 'r1', 'r2', 'r3', 'r4'] },
  ])('of five the most recent stay in memory too, $stay at most', async ({ stay, left }) => {
    const { run, stored } = emptyRows();
    const recent = rowsUpTo(5);
    await run(recent, { stay });
    expect([...recent.keys()]).toEqual(left);
    expect(await stored()).toEqual(rowsUpTo(5));
  });

  test('that are equally recent do not stay, as too many would', async () => {
    const { run } = emptyRows();
    const recent = new Map(['a', 'b', 'c'].map((name) => [name, 7]));
    await run(recent, { stay: 2 });
    expect(recent.size).toBe(0);
  });

  test.each([true, false])('stay loaded where the run may ask for them again: %s', async (staysLoaded) => {
    const { run, settled } = emptyRows({ staysLoaded });
    await run(rowsUpTo(1));
    expect(settled.isLoaded('r0')).toBe(staysLoaded);
  });
});

describe('a stretch of shards', () => {
  /** Four shards of rows, and further rows that are recent. */
  async function fourShards() {
    const rows = emptyRows();
    await rows.run(rowsUpTo(20), { shardRows: 9 });
    const refs = rows.settled.shards.refs();
    const recent = new Map(Array.from({ length: 30 }, (_, n) => [`s${n}`, n + 1]));
    return { ...rows, refs, recent };
  }

  test('gets the recent rows of its hashes alone, and the next one begins where it ends', async () => {
    const { run, refs, recent, settled } = await fourShards();
    expect(refs).toHaveLength(4);
    const [first, second] = refs;
    const from = first?.to ?? 0;
    const isWithin = (name: string) => hash64(name).high >= from && hash64(name).high < (second?.to ?? 0);
    const outcome = await run(recent, { from, most: 1 });
    expect(outcome).toEqual({ superseded: [second?.key], next: second?.to });
    expect([...recent.keys()].filter(isWithin)).toEqual([]);
    expect(recent.size).toBe(Array.from({ length: 30 }, (_, n) => `s${n}`).filter((name) => !isWithin(name)).length);
    expect(settled.shards.refs().filter((ref) => refs.includes(ref))).toEqual(refs.filter((ref) => ref !== second));
  });

  test('is the last one if it ends with the hashes', async () => {
    const { run, refs, recent } = await fourShards();
    expect(await run(recent, { from: refs[3]?.from ?? 0, most: 1 })).toMatchObject({ next: undefined });
    expect(refs[3]?.to).toBe(HASH_END);
  });

  test('without a recent row is left as it is', async () => {
    const { run, refs, settled } = await fourShards();
    expect(await run(new Map())).toEqual({ superseded: [], next: undefined });
    expect(settled.shards.refs()).toEqual(refs);
  });
});

test('what a scan has shown of a row is kept with its shard, where probes are open', async () => {
  const { run, settled } = emptyRows();
  await settled.shards.openProbes();
  await run(rowsUpTo(3), { markOf: (name) => (name === 'r1' ? 2 : 0) });
  expect(['r0', 'r1', 'r2'].map(settled.shards.markOf)).toEqual([0, 2, 0]);
});
