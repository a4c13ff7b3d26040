import type { Store } from '../../ports.ts';
import type { Digest } from '../digest.ts';
import type { DigestParts, RowsPart } from './digest-parts.ts';
import { attachSettled, type DigestOwner, describeTrouble } from './open-digest.ts';
import { type SettleOptions, settle, shardPutter } from './settle.ts';

/** How many rows of each kind are in memory. */
export interface SettleLimits {
  /** If there are more, they are settled, a few shards at a time, until half as many stay: the most recent ones. */
  readonly recentRows: number;
  /** If there are more, all are settled at once. */
  readonly mostRecentRows: number;
  /** A shard with more rows is split. */
  readonly shardRows: number;
}

/** Where rows are settled. */
export interface SettlePorts {
  readonly store: Store;
  readonly owner: DigestOwner;
  /** Key of the n-th new shard, counted from 1. */
  readonly keyOf: (part: number) => string;
}

/** One commit merges rows into at least so many shards. */
const FEWEST_SHARDS = 4;
/** One commit merges rows into one in so many shards. */
const PART = 32;

const KINDS = ['entries', 'cursors', 'firstKeys'] as const satisfies readonly (keyof DigestParts)[];

/**
 * Moves rows from memory into shards. The new shards count once a commit names the digest's next log object, which must hold all
 * that is in memory, and the root.
 * @returns keys of the shards that were replaced
 */
export async function settleDigest(
  digest: Digest,
  limits: SettleLimits,
  { store, owner, keyOf }: SettlePorts,
): Promise<readonly string[]> {
  // Counted while all entries are in memory.
  digest.counts();
  if (!digest.parts.entries.settled) {
    const describe = describeTrouble(store, owner);
    attachSettled(digest, { entries: [], cursors: [], firstKeys: [], next: {} }, { store, describe });
    if (digest.scan.isOpen()) for (const kind of KINDS) await digest.parts[kind].settled?.shards.openProbes();
  }
  const put = shardPutter(store, keyOf);
  const { entries, cursors, firstKeys } = digest.parts;
  const superseded = [
    ...(await settlePart(entries, limits, { put, markOf: digest.scan.markOf })),
    ...(await settlePart(cursors, limits, { put, markOf: () => 0 })),
    ...(await settlePart(firstKeys, limits, { put, markOf: () => 0 })),
  ];
  digest.scan.prune();
  return superseded;
}

async function settlePart<V>(
  rows: RowsPart<V>,
  limits: SettleLimits,
  options: Pick<SettleOptions<V>, 'put' | 'markOf'>,
): Promise<readonly string[]> {
  const { recent, settled, next = 0 } = rows;
  const { recentRows, mostRecentRows, shardRows } = limits;
  const isDue = rows.next !== undefined || recent.size > recentRows;
  if (!settled || !isDue) return [];
  const isFullNow = recent.size > mostRecentRows;
  const count = settled.shards.refs().length;
  const bounds = isFullNow
    ? { from: 0, most: Number.POSITIVE_INFINITY, stay: 0 }
    : { from: next, most: Math.max(FEWEST_SHARDS, Math.ceil(count / PART)), stay: Math.floor(recentRows / 2) };
  const outcome = await settle(settled, { ...options, ...bounds, recent, shardRows });
  rows.next = outcome.next;
  return outcome.superseded;
}
