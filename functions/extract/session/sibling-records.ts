import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { Digest } from '../../lake/digest.ts';
import type { ChangedNames } from '../../lake/stream-state.ts';
import type { KnownRecord, SourceContext } from '../../source/source.ts';

/** A stream as its last commit says. */
export interface KnownStream {
  readonly digest: Digest;
  /** Number of the last commit; 0 before the first. */
  readonly n: number;
  readonly changed: ChangedNames | undefined;
}

/** What a stream may know about the account's streams that were read before. */
export interface Siblings extends SourceContext {
  /** Reads all records of a stream, so that `recordsOf` has them. Only streams that list their partitions by them need it. */
  loadRecords(stream: string): Promise<void>;
  /** Least `_part_on` of a stream's records, days since the epoch; undefined if none is known. */
  earliestDayOf(stream: string): number | undefined;
  /** Undefined for a stream that was never read. */
  knownStream(stream: string): KnownStream | undefined;
}

/** Reads all records of a stream. */
export async function readRecords({ entries }: Digest): Promise<ReadonlyMap<string, KnownRecord>> {
  const records = new Map<string, KnownRecord>();
  for await (const batch of entries.batches()) for (const [key, entry] of batch) records.set(key, recordOf(entry));
  return records;
}

/** What other streams know of a record. */
export function recordOf(entry: DigestEntry): KnownRecord {
  const { contentHash, partOn, firstSeenAt, group, deletedAt, optedOut, blanked, handed } = entry;
  return {
    contentHash,
    partOn,
    firstSeenAt,
    ...(group === undefined ? {} : { group }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    ...(optedOut && { optedOut }),
    ...(blanked && { blanked }),
    ...(handed === undefined ? {} : { handed }),
  };
}

/** The same siblings, but one of them has only these records. */
export function siblingsWithOnly(
  siblings: Siblings,
  stream: string,
  records: ReadonlyMap<string, KnownRecord>,
): Siblings {
  return {
    ...siblings,
    recordsOf: (name) => (name === stream ? records : siblings.recordsOf(name)),
    async loadRecords(name) {
      if (name !== stream) await siblings.loadRecords(name);
    },
  };
}
