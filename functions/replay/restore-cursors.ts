import type { DigestEntry, PartitionCursor } from '../lake/digest/digest-entry.ts';
import type { StreamReplay } from './stream-replay.ts';

/** What the stream of the parent records knew before its replay, and knows now. */
export interface ParentRecords {
  readonly before: ReadonlyMap<string, DigestEntry> | undefined;
  readonly after: ReadonlyMap<string, DigestEntry>;
  /** `_changed_at` of each record, ms. */
  readonly changedAt: ReadonlyMap<string, number>;
}

/**
 * How far the partitions of a stream were read whose digest is lost: as the scans in its commits say. One whose parent record has changed
 * since is due again; so are daily figures, of which no commit says how far back they were read.
 */
export function restoreCursors(
  { stream, digest, readAt }: StreamReplay,
  parents: ParentRecords | undefined,
): Map<string, PartitionCursor> {
  const cursors = new Map<string, PartitionCursor>();
  if (stream.kind !== 'per-parent' && stream.kind !== 'details') return cursors;
  const newest = new Map<string, number>();
  if (stream.kind === 'per-parent')
    for (const { group, partOn } of digest.parts.entries.recent.values())
      if (group !== undefined) newest.set(group, Math.max(partOn, newest.get(group) ?? partOn));
  for (const [partition, at] of readAt) {
    const isCurrent = (parents?.changedAt.get(partition) ?? Number.POSITIVE_INFINITY) <= at;
    const parentHash = isCurrent ? parents?.after.get(partition)?.contentHash : undefined;
    const newestDay = newest.get(partition);
    cursors.set(partition, {
      readAt: at,
      ...(newestDay === undefined ? {} : { newestDay }),
      ...(parentHash === undefined || parentHash === '' ? {} : { parentHash }),
    });
  }
  return cursors;
}
