import type { Store } from '../../ports.ts';
import { createObject } from '../objects.ts';
import { type FreshRow, type MergedShard, mergeShard } from './merge-shard.ts';
import type { SettledRows } from './settled-rows.ts';
import { HASH_END, hash64, readProbes, type ShardRef } from './shard.ts';
import { doAll } from './shard-reader.ts';
import type { ProbedShard } from './shard-set.ts';

/** Shards that are merged at the same time. Each of them is in memory twice. */
const AT_ONCE = 2;

/** What is settled. */
export interface SettleOptions<V> {
  /** The recent rows. Those that are settled and do not stay are removed. */
  readonly recent: Map<string, V>;
  /** The hash to begin at. */
  readonly from: number;
  /** Number of shards to merge into. */
  readonly most: number;
  /** The most recent rows stay in memory too, so many at most: they are likely to be asked for again. */
  readonly stay: number;
  /** A shard with more rows is split. */
  readonly shardRows: number;
  /** What the scan in progress has shown of a recent row; 0 for nothing. */
  readonly markOf: (name: string) => number;
  /** Stores a new shard. @returns its key */
  put(bytes: Buffer): Promise<string>;
}

/** The outcome of settling. */
export interface SettleOutcome {
  /** Keys of the shards that were replaced. */
  readonly superseded: readonly string[];
  /** The hash that the next call begins at; undefined after the last shard. */
  readonly next: number | undefined;
}

interface Hashed {
  readonly name: string;
  readonly high: number;
  readonly low: number;
}

/**
 * Merges recent rows into the shards of a stretch of hashes. A new shard replaces the old one as soon as it is stored, so that only a few
 * shards' probes are in memory twice. The rows leave memory when all are stored. New shards count once a commit names the digest's root.
 */
export async function settle<V>(settled: SettledRows<V>, options: SettleOptions<V>): Promise<SettleOutcome> {
  const { recent, from, most } = options;
  const { shards } = settled;
  const before = shards.refs().length > 0 ? shards.refs() : [{ from: 0, to: HASH_END, rows: 0, key: '' }];
  const begin = before.findIndex(({ to }) => to > from);
  const visited = before.slice(begin, begin + most);
  const last = visited.at(-1)?.to ?? HASH_END;
  const moving = sortedByHash(recent).filter(({ high }) => high >= (visited[0]?.from ?? 0) && high < last);
  const superseded: string[] = [];
  const merge = (ref: ShardRef) => async () => {
    const merged = await mergeInto(settled, ref, { ...options, rows: within(moving, ref) });
    if (!merged) return;
    const probed = new Map<ShardRef, ProbedShard>();
    const after = await storeShards(merged, options, shards.hasProbes() ? probed : undefined);
    const present = shards.refs().length > 0 ? shards.refs() : before;
    shards.replace(
      present.flatMap((one) => (one === ref ? after : [one])),
      probed,
    );
    if (ref.key !== '') superseded.push(ref.key);
  };
  await doAll(visited.map(merge), AT_ONCE).catch(settled.reader.report);
  const stays = stayingRows(settled, options);
  for (const { name } of moving) {
    const value = recent.get(name);
    if (value === undefined || stays(value)) continue;
    recent.delete(name);
    if (settled.codec.staysLoaded) settled.keep(name, value);
    else settled.forget(name);
  }
  return { superseded, next: last < HASH_END ? last : undefined };
}

/** The recent rows in the order of their hashes. */
function sortedByHash(recent: ReadonlyMap<string, unknown>): readonly Hashed[] {
  const hashed = Array.from(recent.keys(), (name) => ({ name, ...hash64(name) }));
  return hashed.sort((a, b) => a.high - b.high || a.low - b.low);
}

function within(rows: readonly Hashed[], { from, to }: ShardRef): readonly Hashed[] {
  const first = firstAt(rows, from);
  return rows.slice(first, firstAt(rows, to));
}

/** The place of the first row whose hash is not less. */
function firstAt(rows: readonly Hashed[], high: number): number {
  let [least, most] = [0, rows.length];
  while (least < most) {
    const middle = (least + most) >>> 1;
    if ((rows[middle]?.high ?? HASH_END) < high) least = middle + 1;
    else most = middle;
  }
  return least;
}

/** @returns undefined if the shard has no recent row */
async function mergeInto<V>(
  { codec, reader, shards }: SettledRows<V>,
  ref: ShardRef,
  { rows, recent, markOf, shardRows }: SettleOptions<V> & { readonly rows: readonly Hashed[] },
): Promise<readonly MergedShard[] | undefined> {
  if (rows.length === 0) return undefined;
  const fresh = rows.flatMap(({ name, high, low }): FreshRow[] => {
    const value = recent.get(name);
    if (value === undefined) return [];
    const print = codec.fingerprint(value);
    const line = `${JSON.stringify([name, codec.encode(value)])}\n`;
    return [{ name, high, low, printHigh: print.high, printLow: print.low, mark: markOf(name), line }];
  });
  const bytes = ref.rows > 0 ? await reader.all(ref) : new Uint8Array();
  return reader.decode(ref, () => mergeShard({ ref, bytes, marks: shards.probed(ref)?.marks }, fresh, shardRows));
}

/**
 * What stores the new shards of one commit.
 * @param keyOf key of the n-th of them, counted from 1
 */
export function shardPutter(store: Store, keyOf: (part: number) => string): SettleOptions<unknown>['put'] {
  let part = 0;
  return async (bytes) => {
    part += 1;
    const key = keyOf(part);
    await createObject(store, key, bytes);
    return key;
  };
}

/** Stores merged shards. @param probed gets what is known of their rows; undefined if no probes are open */
export async function storeShards(
  merged: readonly MergedShard[],
  { put }: Pick<SettleOptions<unknown>, 'put'>,
  probed: Map<ShardRef, ProbedShard> | undefined,
): Promise<readonly ShardRef[]> {
  const refs: ShardRef[] = [];
  for (const { from, to, rows, bytes, marks } of merged) {
    const ref = { from, to, rows, key: rows > 0 ? await put(bytes) : '' };
    refs.push(ref);
    if (rows > 0) probed?.set(ref, { probes: readProbes(bytes, rows), marks });
  }
  return refs;
}

/** True for the most recent rows. Of many that are equally recent, as after a first load, none stays. */
function stayingRows<V>({ codec }: SettledRows<V>, { recent, stay }: SettleOptions<V>): (value: V) => boolean {
  if (recent.size <= stay) return () => true;
  const recencies = Float64Array.from(recent.values(), (value) => codec.recency(value)).sort();
  const least = recencies[recencies.length - stay - 1] ?? Number.POSITIVE_INFINITY;
  return (value) => codec.recency(value) > least;
}
