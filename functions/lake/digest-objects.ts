import type { Codec, Store } from '../ports.ts';
import type { DigestEntry, FirstKey, PartitionCursor } from './digest/digest-entry.ts';
import type { DigestChange } from './digest/digest-parts.ts';
import {
  decodeCounts,
  decodeRoot,
  encodeCounts,
  encodeRoot,
  ROOT_VERSION,
  type StoredCounts,
  type StoredRoot,
} from './digest/root-lines.ts';
import { createObject } from './objects.ts';

/** Where digests are kept, and how they are compressed. */
export interface DigestPorts {
  readonly store: Store;
  readonly codec: Codec;
}

const LINES_PER_MEMBER = 10_000;

/** Writes digest entries and cursors as one object: gzip members one after the other, so that the complete text is never in memory. */
export async function writeDigest(
  { store, codec }: DigestPorts,
  key: string,
  changes: Iterable<DigestChange>,
): Promise<void> {
  const members: Uint8Array[] = [];
  let some: string[] = [];
  const close = async () => {
    const text = members.length === 0 ? some.join('\n') : `\n${some.join('\n')}`;
    some = [];
    members.push(await codec.compress(Buffer.from(text)));
  };
  for (const change of changes) if (some.push(encodeLine(change)) === LINES_PER_MEMBER) await close();
  if (some.length > 0 || members.length === 0) await close();
  await createObject(store, key, Buffer.concat(members));
}

/** Expands piece by piece, because the complete text of a million rows is 100 MB. */
export async function readLines(pieces: AsyncIterable<Buffer>, take: (line: string) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const text = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    let from = 0;
    for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
      take(text.toString('utf8', from, end));
      from = end + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) take(rest.toString('utf8'));
}

/**
 * A digest line is `["e", key, entry]`, `["l", partition, cursor]`, or, once rows were settled, `["a", by, [key, firstSeenAt]]`,
 * `["r", version, root]` or `["n", "", counts]`. The stored names are one letter long, because there is a line for every row ever
 * seen; only this file knows them.
 */
export interface StoredEntry {
  readonly h: string;
  readonly p: number;
  readonly f: number;
  readonly g?: string | undefined;
  readonly t?: number | undefined;
  readonly i?: number | undefined;
  readonly s?: number | undefined;
  readonly k?: number | undefined;
  readonly m?: 1 | undefined;
  readonly d?: number | undefined;
  readonly a?: string | undefined;
  readonly o?: 1 | undefined;
  readonly b?: 1 | undefined;
  readonly c?: string | undefined;
  readonly x?: string | undefined;
}

export interface StoredCursor {
  readonly r: number;
  readonly d?: number | undefined;
  readonly f?: number | undefined;
  readonly e?: readonly [from: number, to: number, readAt: number] | undefined;
  readonly v?: string | undefined;
  readonly u?: number | undefined;
  readonly t?: number | undefined;
}

/** One line of a digest object; JSON leaves absent fields out. */
export function encodeLine(change: DigestChange): string {
  switch (change.kind) {
    case 'entry':
      return JSON.stringify(['e', change.key, encodeEntry(change.entry)]);
    case 'cursor':
      return JSON.stringify(['l', change.partition, encodeCursor(change.cursor)]);
    case 'first key':
      return JSON.stringify(['a', change.by, encodeFirstKey(change.first)]);
    case 'root':
      return JSON.stringify(['r', String(ROOT_VERSION), encodeRoot(change.root)]);
    case 'counts':
      return JSON.stringify(['n', '', encodeCounts(change.counts)]);
  }
}

/** A digest line of a newer version. */
export class NewerDigestError extends Error {
  override readonly name = 'NewerDigestError';
}

/** Decodes a line. @throws Error if it is not JSON of a digest line @throws NewerDigestError if it is one of a newer version */
export function decodeLine(line: string): DigestChange {
  const [kind, given, stored]: [string, string, unknown] = JSON.parse(line);
  // Earlier lakes kept lone surrogates in keys, which tables hold as U+FFFD.
  const name = given.toWellFormed();
  if (kind === 'e') return { kind: 'entry', key: name, entry: decodeEntry(stored as StoredEntry) };
  if (kind === 'l') return { kind: 'cursor', partition: name, cursor: decodeCursor(stored as StoredCursor) };
  if (kind === 'a') return { kind: 'first key', by: name, first: decodeFirstKey(stored as StoredFirstKey) };
  if (kind === 'n') return { kind: 'counts', counts: decodeCounts(stored as StoredCounts) };
  if (kind === 'r' && Number(name) > ROOT_VERSION) throw new NewerDigestError('a newer digest');
  if (kind === 'r') return { kind: 'root', root: decodeRoot(stored as StoredRoot) };
  throw new Error('not a digest line');
}

/** An entry as it is stored. */
export function encodeEntry(entry: DigestEntry): StoredEntry {
  return {
    h: entry.contentHash,
    p: entry.partOn,
    f: entry.firstSeenAt,
    g: entry.group,
    t: entry.sortedAt,
    i: entry.sortedBy,
    s: entry.missingSince,
    k: entry.missingSinceClock,
    m: entry.mayBeSkipped ? 1 : undefined,
    d: entry.deletedAt,
    a: entry.alias,
    o: entry.optedOut ? 1 : undefined,
    b: entry.blanked ? 1 : undefined,
    c: entry.children,
    x: entry.handed,
  };
}

/** An entry as it was stored. Fields are added in one order, so that all entries share few shapes in memory. */
export function decodeEntry({ h, p, f, g, t, i, s, k, m, d, a, o, b, c, x }: StoredEntry): DigestEntry {
  const always =
    t === undefined
      ? { contentHash: h, partOn: p, firstSeenAt: f }
      : { contentHash: h, partOn: p, firstSeenAt: f, sortedAt: t };
  const isPlain = (i ?? s ?? k ?? m ?? d ?? a ?? o ?? b ?? c ?? x) === undefined;
  if (isPlain) return g === undefined ? always : Object.assign(always, { group: g });
  return {
    ...always,
    ...(g === undefined ? {} : { group: g }),
    ...(i === undefined ? {} : { sortedBy: i }),
    ...(s === undefined ? {} : { missingSince: s }),
    ...(k === undefined ? {} : { missingSinceClock: k }),
    ...(m === undefined ? {} : { mayBeSkipped: true as const }),
    ...(d === undefined ? {} : { deletedAt: d }),
    ...(a === undefined ? {} : { alias: a.toWellFormed() }),
    ...(o === undefined ? {} : { optedOut: true as const }),
    ...(b === undefined ? {} : { blanked: true as const }),
    ...(c === undefined ? {} : { children: c }),
    ...(x === undefined ? {} : { handed: x }),
  };
}

/** A cursor that was stored. */
export function decodeCursor({ r, d, f, e, v, u, t }: StoredCursor): PartitionCursor {
  return {
    readAt: r,
    ...(d === undefined ? {} : { newestDay: d }),
    ...(f === undefined ? {} : { readFrom: f }),
    ...(e === undefined ? {} : { empty: { from: e[0], to: e[1], readAt: e[2] } }),
    ...(v === undefined ? {} : { parentHash: v }),
    ...(u === undefined ? {} : { failedSince: u }),
    ...(t === undefined ? {} : { failedAt: t }),
  };
}

/** A cursor as it is stored. */
export function encodeCursor({
  readAt,
  newestDay,
  readFrom,
  empty,
  parentHash,
  ...failed
}: PartitionCursor): StoredCursor {
  const e = empty && ([empty.from, empty.to, empty.readAt] as const);
  return { r: readAt, d: newestDay, f: readFrom, e, v: parentHash, u: failed.failedSince, t: failed.failedAt };
}

export type StoredFirstKey = readonly [key: string, firstSeenAt: number];

/** A first key as it is stored. */
export function encodeFirstKey({ key, firstSeenAt }: FirstKey): StoredFirstKey {
  return [key, firstSeenAt];
}

/** A first key that was stored. */
export function decodeFirstKey([key, firstSeenAt]: StoredFirstKey): FirstKey {
  return { key: key.toWellFormed(), firstSeenAt };
}
