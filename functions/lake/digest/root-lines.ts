import type { DigestCounts } from './digest-entry.ts';
import type { DigestRoot } from './digest-parts.ts';
import { HASH_END, type ShardRef } from './shard.ts';

/** Version of the root's format. */
export const ROOT_VERSION = 1;

/** Of each shard the hash that its range begins with, its rows and its key. Each range ends where the next one begins. */
type StoredShards = readonly (readonly [from: number, rows: number, key: string])[];

/** A digest's root as it is stored: by kind, its shards, and the hash at which settling continues. */
export interface StoredRoot {
  readonly e: StoredShards;
  readonly l: StoredShards;
  readonly a: StoredShards;
  readonly next: { readonly e?: number | undefined; readonly l?: number | undefined; readonly a?: number | undefined };
}

/** The counts as they are stored. */
export interface StoredCounts {
  /** Live entries by group; null for none. */
  readonly live: readonly (readonly [group: string | null, count: number])[];
  readonly earliest?: number | undefined;
}

/** A root as it is stored. */
export function encodeRoot({ entries, cursors, firstKeys, next }: DigestRoot): StoredRoot {
  return {
    e: encodeShards(entries),
    l: encodeShards(cursors),
    a: encodeShards(firstKeys),
    next: { e: next.entries, l: next.cursors, a: next.firstKeys },
  };
}

/** A root that was stored. */
export function decodeRoot({ e, l, a, next }: StoredRoot): DigestRoot {
  return {
    entries: decodeShards(e),
    cursors: decodeShards(l),
    firstKeys: decodeShards(a),
    next: { entries: next.e, cursors: next.l, firstKeys: next.a },
  };
}

/** The counts as they are stored, with null as the group of entries that have none. */
export function encodeCounts({ live, earliestDay }: DigestCounts): StoredCounts {
  return { live: [...live].map(([group = null, count]) => [group, count]), earliest: earliestDay };
}

/** Counts that were stored. */
export function decodeCounts({ live, earliest }: StoredCounts): DigestCounts {
  return { live: new Map(live.map(([group, count]) => [group ?? undefined, count])), earliestDay: earliest };
}

function encodeShards(refs: readonly ShardRef[]): StoredShards {
  return refs.map(({ from, rows, key }) => [from, rows, key]);
}

function decodeShards(stored: StoredShards): readonly ShardRef[] {
  return stored.map(([from, rows, key], n) => ({ from, to: stored[n + 1]?.[0] ?? HASH_END, rows, key }));
}
