import type { Digest } from '../../lake/digest.ts';
import type { KnownRecord, SourceContext } from '../../source/source.ts';

/** What a stream may know about the account's streams that were read before. */
export interface Siblings extends SourceContext {
  /** Reads all records of a stream, so that `recordsOf` has them. Needed by those alone that list their partitions by them. */
  loadRecords(stream: string): Promise<void>;
  /** Least `_part_on` of a stream's records, days since the epoch; undefined if none is known. */
  earliestDayOf(stream: string): number | undefined;
}

/** Reads all records of a stream. */
export async function readRecords({ entries }: Digest): Promise<ReadonlyMap<string, KnownRecord>> {
  const records = new Map<string, KnownRecord>();
  for await (const batch of entries.batches()) {
    for (const [key, { contentHash, partOn, firstSeenAt, group, deletedAt, optedOut, blanked }] of batch)
      records.set(key, {
        contentHash,
        partOn,
        firstSeenAt,
        ...(group === undefined ? {} : { group }),
        ...(deletedAt === undefined ? {} : { deletedAt }),
        ...(optedOut && { optedOut }),
        ...(blanked && { blanked }),
      });
  }
  return records;
}
