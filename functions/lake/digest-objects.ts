import { StateError } from '../errors.ts';
import type { Codec, ErrorContext, Store } from '../ports.ts';
import { type Digest, type DigestChange, type DigestEntry, newDigest, type PartitionCursor } from './digest.ts';
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

/** A digest object that a commit names does not exist. */
export class DigestMissingError extends StateError {
  override readonly name = 'DigestMissingError';
}

/**
 * Reads digest objects, oldest first; later lines win.
 * @throws StateError if an object is missing or damaged. A digest is never taken as empty, or every row would count as new
 */
export async function readDigest(
  { store, codec }: DigestPorts,
  keys: readonly string[],
  context: ErrorContext,
): Promise<Digest> {
  const entries = new Map<string, DigestEntry>();
  const cursors = new Map<string, PartitionCursor>();
  const remedy =
    "restore it from a copy, or move the stream's commits away, so that the next run reads everything again";
  for (const key of keys) {
    const body = await store.get(key);
    if (!body)
      throw new DigestMissingError(`${key} is missing in ${store.name}, but a commit names it; ${remedy}`, context);
    try {
      await readLines(codec.expandInPieces(body), (text) => {
        const line = decodeLine(text);
        if (line.kind === 'entry') entries.set(line.key, line.entry);
        else cursors.set(line.partition, line.cursor);
      });
    } catch {
      throw new StateError(`${key} in ${store.name} is damaged; ${remedy}`, context);
    }
  }
  return newDigest(entries, cursors);
}

/** Expands while reading: the complete text of a million rows is 100 MB. */
async function readLines(pieces: AsyncIterable<Buffer>, take: (line: string) => void): Promise<void> {
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
  readonly c?: string;
}

interface StoredCursor {
  readonly r: number;
  readonly d?: number | undefined;
  readonly f?: number | undefined;
  readonly v?: string | undefined;
  readonly u?: number | undefined;
  readonly t?: number | undefined;
}

/** One line of a digest object; JSON leaves absent fields out. */
export function encodeLine(change: DigestChange): string {
  if (change.kind === 'cursor') {
    const { readAt, newestDay, readFrom, parentHash, failedSince, failedAt } = change.cursor;
    const stored: StoredCursor = { r: readAt, d: newestDay, f: readFrom, v: parentHash, u: failedSince, t: failedAt };
    return JSON.stringify(['l', change.partition, stored]);
  }
  const { entry } = change;
  return JSON.stringify([
    'e',
    change.key,
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
      c: entry.children,
    },
  ]);
}

/** Decodes a line. @throws Error if it is not JSON of a digest line */
export function decodeLine(line: string): DigestChange {
  const [kind, given, stored]: [string, string, unknown] = JSON.parse(line);
  // Earlier lakes kept lone surrogates in keys, which tables hold as U+FFFD.
  const name = given.toWellFormed();
  if (kind === 'e') return { kind: 'entry', key: name, entry: decodeEntry(stored as StoredEntry) };
  if (kind === 'l') return { kind: 'cursor', partition: name, cursor: decodeCursor(stored as StoredCursor) };
  throw new Error('not a digest line');
}

/** Fields are added in one order, so that all entries share few shapes in memory. */
function decodeEntry({ h, p, f, g, s, k, d, a, o, c }: StoredEntry): DigestEntry {
  const always = { contentHash: h, partOn: p, firstSeenAt: f };
  const isPlain = (s ?? k ?? d ?? a ?? o ?? c) === undefined;
  if (isPlain) return g === undefined ? always : { contentHash: h, partOn: p, firstSeenAt: f, group: g };
  return {
    ...always,
    ...(g === undefined ? {} : { group: g }),
    ...(s === undefined ? {} : { missingSince: s }),
    ...(k === undefined ? {} : { missingSinceClock: k }),
    ...(d === undefined ? {} : { deletedAt: d }),
    ...(a === undefined ? {} : { alias: a.toWellFormed() }),
    ...(o === undefined ? {} : { optedOut: true as const }),
    ...(c === undefined ? {} : { children: c }),
  };
}

function decodeCursor({ r, d, f, v, u, t }: StoredCursor): PartitionCursor {
  return {
    readAt: r,
    ...(d === undefined ? {} : { newestDay: d }),
    ...(f === undefined ? {} : { readFrom: f }),
    ...(v === undefined ? {} : { parentHash: v }),
    ...(u === undefined ? {} : { failedSince: u }),
    ...(t === undefined ? {} : { failedAt: t }),
  };
}
