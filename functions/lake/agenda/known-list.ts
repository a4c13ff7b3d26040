import type { DigestEntry, PartitionCursor } from '../digest/digest-entry.ts';
import {
  decodeCursor,
  decodeEntry,
  encodeCursor,
  encodeEntry,
  type StoredCursor,
  type StoredEntry,
} from '../digest-objects.ts';

/** What the plan of one partition is made from, where the partition was read since its parent changed. */
export interface KnownList {
  readonly parent: DigestEntry;
  /** It has the content hash of the parent. */
  readonly cursor: PartitionCursor;
}

/** A {@link KnownList} as it is stored: its cursor without the parent's content hash. */
export type StoredList = readonly [parent: StoredEntry, cursor: StoredCursor];

/** A list as it is stored. */
export function encodeList({ parent, cursor: { parentHash: _same, ...cursor } }: KnownList): StoredList {
  return [encodeEntry(parent), encodeCursor(cursor)];
}

/** A list that was stored, with the parent's content hash in its cursor again. */
export function decodeList([parent, cursor]: StoredList): KnownList {
  return { parent: decodeEntry(parent), cursor: decodeCursor({ ...cursor, v: parent.h }) };
}
