import type { DigestEntry, PartitionCursor } from './digest.ts';

/**
 * A digest line is `["e", key, entry]` or `["l", partition, cursor]`. The stored names are one letter long, because there is a
 * line for every row ever seen; only this file knows them.
 */
interface StoredEntry {
  readonly h: string;
  readonly p: number;
  readonly f: number;
  readonly g?: string;
  readonly s?: number;
  readonly k?: number;
  readonly d?: number;
  readonly a?: string;
  readonly o?: 1;
  readonly w?: number;
  readonly c?: string;
}

interface StoredCursor {
  readonly r: number;
  readonly d?: number;
  readonly v?: string;
}

/** One line for an entry; JSON leaves absent fields out. */
export function encodeEntry(key: string, entry: DigestEntry): string {
  return JSON.stringify([
    'e',
    key,
    {
      h: entry.contentHash,
      p: entry.partOn,
      f: entry.firstSeenAt,
      g: entry.group,
      s: entry.missingSince,
      k: entry.missingSinceClock,
      d: entry.deletedAt,
      a: entry.alias,
      o: entry.optedOut ? 1 : undefined,
      w: entry.scannedFrom,
      c: entry.children,
    },
  ]);
}

/** One line for a cursor. */
export function encodeCursor(partition: string, { readAt, newestDay, parentHash }: PartitionCursor): string {
  return JSON.stringify(['l', partition, { r: readAt, d: newestDay, v: parentHash }]);
}

/** A decoded line. */
export type DigestLine =
  | { readonly kind: 'entry'; readonly key: string; readonly entry: DigestEntry }
  | { readonly kind: 'cursor'; readonly partition: string; readonly cursor: PartitionCursor };

/** Decodes a line. @throws Error if it is not JSON of a digest line */
export function decodeLine(line: string): DigestLine {
  const [kind, name, stored]: [string, string, unknown] = JSON.parse(line);
  if (kind === 'e') return { kind: 'entry', key: name, entry: decodeEntry(stored as StoredEntry) };
  if (kind === 'l') return { kind: 'cursor', partition: name, cursor: decodeCursor(stored as StoredCursor) };
  throw new Error('not a digest line');
}

/** Fields are added in one order, so that all entries share few shapes in memory. */
function decodeEntry({ h, p, f, g, s, k, d, a, o, w, c }: StoredEntry): DigestEntry {
  const always = { contentHash: h, partOn: p, firstSeenAt: f };
  const isPlain = (s ?? k ?? d ?? a ?? o ?? w ?? c) === undefined;
  if (isPlain) return g === undefined ? always : { contentHash: h, partOn: p, firstSeenAt: f, group: g };
  return {
    ...always,
    ...(g === undefined ? {} : { group: g }),
    ...(s === undefined ? {} : { missingSince: s }),
    ...(k === undefined ? {} : { missingSinceClock: k }),
    ...(d === undefined ? {} : { deletedAt: d }),
    ...(a === undefined ? {} : { alias: a }),
    ...(o === undefined ? {} : { optedOut: true as const }),
    ...(w === undefined ? {} : { scannedFrom: w }),
    ...(c === undefined ? {} : { children: c }),
  };
}

function decodeCursor({ r, d, v }: StoredCursor): PartitionCursor {
  return {
    readAt: r,
    ...(d === undefined ? {} : { newestDay: d }),
    ...(v === undefined ? {} : { parentHash: v }),
  };
}
