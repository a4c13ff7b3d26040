import { decodeChildren } from '../child-rows.ts';
import {
  decodeCursor,
  decodeEntry,
  decodeFirstKey,
  encodeCursor,
  encodeEntry,
  encodeFirstKey,
  type StoredCursor,
  type StoredEntry,
  type StoredFirstKey,
} from '../digest-objects.ts';
import type { DigestEntry, FirstKey, PartitionCursor } from './digest-entry.ts';
import { CANDIDATE, DELETED, fingerprint } from './fingerprint.ts';
import type { RowCodec } from './settled-rows.ts';
import { type Hash64, hash64 } from './shard.ts';

export const entryCodec: RowCodec<DigestEntry> = {
  encode: encodeEntry,
  decode: (stored) => decodeEntry(stored as StoredEntry),
  fingerprint: printOfEntry,
  recency: ({ firstSeenAt }) => firstSeenAt,
  staysLoaded: false,
};

export const cursorCodec: RowCodec<PartitionCursor> = {
  encode: encodeCursor,
  decode: (stored) => decodeCursor(stored as StoredCursor),
  // Cursors are never compared.
  fingerprint: () => DELETED,
  recency: ({ readAt }) => readAt,
  staysLoaded: true,
};

export const firstKeyCodec: RowCodec<FirstKey> = {
  encode: encodeFirstKey,
  decode: (stored) => decodeFirstKey(stored as StoredFirstKey),
  fingerprint: ({ key }) => hash64(key),
  recency: ({ firstSeenAt }) => firstSeenAt,
  staysLoaded: false,
};

function printOfEntry({ contentHash, group, children, ...entry }: DigestEntry): Hash64 {
  if (entry.deletedAt !== undefined) return DELETED;
  if (entry.missingSince !== undefined) return CANDIDATE;
  const live = [...decodeChildren(children)].filter(([, { deleted }]) => !deleted);
  const hashes = live.map(([id, child]): [string, string] => [id, child.contentHash]);
  const { sortedAt, sortedBy, handed, optedOut = false } = entry;
  return fingerprint({ contentHash, group, sortedAt, sortedBy, optedOut, handed, children: new Map(hashes) });
}
