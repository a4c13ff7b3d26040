import { decodeChildren, encodeChildren } from '../lake/child-rows.ts';
import type { DigestEntry, PartitionCursor } from '../lake/digest/digest-entry.ts';
import { type ParentRecords, restoreCursors } from './restore-cursors.ts';
import type { StreamReplay } from './stream-replay.ts';

/** What a stream knows after its replay. */
export interface KnownAfter {
  readonly entries: Map<string, DigestEntry>;
  readonly cursors: Map<string, PartitionCursor>;
  /** True if it is not what the stream knew before. */
  readonly isChanged: boolean;
}

/**
 * What a stream knows: of each record what it knew before, with the content hash that the present declaration gives. If the digest is
 * lost, what the commits and raw copies say; a record whose content hash nothing tells counts as changed when it is read next.
 */
export function mergeKnown(replay: StreamReplay, parents: ParentRecords | undefined): KnownAfter {
  const { before, digest, unsure } = replay;
  const rebuilt = new Map<string, DigestEntry>();
  for (const [key, entry] of digest.parts.entries.recent)
    rebuilt.set(key, unsure.has(key) ? { ...entry, contentHash: '' } : entry);
  if (!before) return { entries: rebuilt, cursors: restoreCursors(replay, parents), isChanged: true };
  const entries = new Map(rebuilt);
  for (const [key, entry] of before.entries) entries.set(key, withHashes(entry, rebuilt.get(key)));
  const cursors = new Map<string, PartitionCursor>();
  for (const [partition, cursor] of before.cursors) cursors.set(partition, withParent(partition, cursor, parents));
  const isChanged = differs(entries, before.entries) || differs(cursors, before.cursors);
  return { entries, cursors, isChanged };
}

function differs<V>(after: ReadonlyMap<string, V>, before: ReadonlyMap<string, V>): boolean {
  return after.size !== before.size || [...after].some(([name, value]) => before.get(name) !== value);
}

/** The entry with the content hashes that were made again; the same entry if they are what they were, or if nothing of its content is kept. */
function withHashes(entry: DigestEntry, rebuilt: DigestEntry | undefined): DigestEntry {
  if (entry.blanked) return entry;
  const contentHash = rebuilt?.contentHash || entry.contentHash;
  const children = decodeChildren(entry.children);
  let isChanged = contentHash !== entry.contentHash;
  for (const [id, child] of decodeChildren(rebuilt?.children)) {
    const known = children.get(id);
    if (!known || child.contentHash === '' || child.contentHash === known.contentHash) continue;
    children.set(id, { ...known, contentHash: child.contentHash });
    isChanged = true;
  }
  const encoded = encodeChildren(children);
  return isChanged ? { ...entry, contentHash, ...(encoded === undefined ? {} : { children: encoded }) } : entry;
}

/** A partition that was read for the present version of its parent record stays so, whatever content hash the parent has now. */
function withParent(partition: string, cursor: PartitionCursor, parents: ParentRecords | undefined): PartitionCursor {
  const isCurrent = parents?.before?.get(partition)?.contentHash === cursor.parentHash;
  const parentHash = isCurrent ? parents?.after.get(partition)?.contentHash : undefined;
  return parentHash === undefined || parentHash === cursor.parentHash ? cursor : { ...cursor, parentHash };
}
