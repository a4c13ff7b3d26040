import { StateError } from '../errors.ts';
import type { Codec, ErrorContext, Store } from '../ports.ts';
import { createObject } from './create-object.ts';
import { type Digest, type DigestEntry, newDigest, type PartitionCursor } from './digest.ts';
import { decodeLine } from './digest-codec.ts';

/** Where digests are kept, and how they are compressed. */
export interface DigestPorts {
  readonly store: Store;
  readonly codec: Codec;
}

const LINES_PER_MEMBER = 10_000;

/** Writes digest lines as one object: gzip members one after the other, so that the complete text is never in memory. */
export async function writeDigest({ store, codec }: DigestPorts, key: string, lines: Iterable<string>): Promise<void> {
  const members: Uint8Array[] = [];
  let some: string[] = [];
  const close = async () => {
    const text = members.length === 0 ? some.join('\n') : `\n${some.join('\n')}`;
    some = [];
    members.push(await codec.compress(Buffer.from(text)));
  };
  for (const line of lines) if (some.push(line) === LINES_PER_MEMBER) await close();
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
