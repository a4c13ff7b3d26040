import { type Hash64, hash64 } from './shard.ts';

/** Fingerprint of an entry that is marked deleted. No record has it. */
export const DELETED: Hash64 = { high: 0, low: 0 };
/** Fingerprint of a deletion candidate. No record has it. */
export const CANDIDATE: Hash64 = { high: 0, low: 1 };

/** True if both are the same fingerprint. */
export function isPrint(one: Hash64, other: Hash64): boolean {
  return one.high === other.high && one.low === other.low;
}

/** What a record and an entry have in common if nothing has changed. */
export interface ComparedRecord {
  readonly contentHash: string;
  readonly group: string | undefined;
  /** See `sortedAt` and `sortedBy` of a digest entry. */
  readonly sortedAt?: number | undefined;
  readonly sortedBy?: number | undefined;
  readonly optedOut: boolean;
  /** See `handed` of a digest entry. */
  readonly handed?: string | undefined;
  /** Content hashes of the children that are not deleted, by id. */
  readonly children: ReadonlyMap<string, string>;
}

/**
 * 64 bits that say whether a record is still as its entry says, so that the entry need not be read. If the fingerprint differs, the record
 * is compared in full. Two different records have the same one once in 2^64.
 */
export function fingerprint({
  contentHash,
  group,
  sortedAt,
  sortedBy = 0,
  optedOut,
  handed,
  children,
}: ComparedRecord): Hash64 {
  const sorted = [...children].sort(([a], [b]) => (a < b ? -1 : 1));
  const place = sortedAt === undefined ? [] : [sortedAt, sortedBy];
  const facts = handed === undefined ? place : [...place, handed];
  const { high, low } = hash64(JSON.stringify([contentHash, group ?? null, optedOut, sorted, ...facts]));
  return { high: high || 1, low };
}
