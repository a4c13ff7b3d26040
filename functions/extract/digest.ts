import { StateError } from '../errors.ts';
import type { Codec, Store, Where } from '../ports.ts';
import { putNew } from './put-new.ts';

/** What is known of one key. Short names: there is one for every row ever seen. */
export interface Entry {
  /** Content hash, of the table's declaration and the row's vendor columns. */
  readonly h: string;
  /** `_part_on`, days since the epoch; sticky. */
  readonly p: number;
  /** `_first_seen_at`, ms; sticky. */
  readonly f: number;
  /** List (or group of lists) it belongs to. */
  readonly g?: string;
  /** Suspected removed since, ms: absent from one complete scan. */
  readonly s?: number;
  /** Marked removed at, ms. */
  readonly d?: number;
  /** Value of the sticky key's other column. */
  readonly a?: string;
  /** Its sensitive content is not kept. */
  readonly o?: 1;
  /** Start of history (days since the epoch) under which a sweep last showed it; absent where all was read. */
  readonly w?: number;
  /** Its child rows that are removed with it, as `children.ts` writes them. */
  readonly c?: string;
}

/** How far one list of a rotation was read. */
export interface Cursor {
  /** Read at, ms. */
  readonly r: number;
  /** Day of the last record seen, days since the epoch. */
  readonly d?: number;
  /** Content hash of the parent when it was read. */
  readonly v?: string;
}

/** All that a stream knows of its keys and lists. Changes are collected until they are saved. */
export interface Digest {
  readonly entries: Map<string, Entry>;
  readonly cursors: Map<string, Cursor>;
  set(key: string, entry: Entry): void;
  setCursor(list: string, cursor: Cursor): void;
  /** How many entries and cursors were set since the last drain. */
  changed(): number;
  /** Lines to save: what was set since the last drain, or everything. Each is made when it is asked for. */
  lines(all?: boolean): Iterable<string>;
  /** What was set is saved. */
  drain(): void;
  /** Lets go of what no other stream asks for, once its own is done. */
  release(): void;
}

/** An empty digest. */
export function newDigest(): Digest {
  const entries = new Map<string, Entry>();
  const cursors = new Map<string, Cursor>();
  const touched = { entries: new Set<string>(), cursors: new Set<string>() };
  return {
    entries,
    cursors,
    set(key, entry) {
      entries.set(key, entry);
      touched.entries.add(key);
    },
    setCursor(list, cursor) {
      cursors.set(list, cursor);
      touched.cursors.add(list);
    },
    changed: () => touched.entries.size + touched.cursors.size,
    *lines(all = false) {
      yield* mapLines(all ? entries.keys() : touched.entries, entries, 'e');
      yield* mapLines(all ? cursors.keys() : touched.cursors, cursors, 'l');
    },
    drain() {
      touched.entries.clear();
      touched.cursors.clear();
    },
    release() {
      cursors.clear();
      for (const [key, { h, p, f, g, d, c }] of entries) if (c !== undefined) entries.set(key, { h, p, f, g, d });
    },
  };
}

function* mapLines(keys: Iterable<string>, values: ReadonlyMap<string, unknown>, kind: string) {
  for (const key of keys) yield JSON.stringify([kind, key, values.get(key)]);
}

/** Where digests are kept, and how. */
export type DigestPorts = { readonly store: Store; readonly codec: Codec };

const LINES_PER_MEMBER = 10_000;

/** Writes digest lines as one object: members of gzip one after the other, so that the whole text is never held at once. */
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
  await putNew(store, key, Buffer.concat(members));
}

/**
 * Reads digest objects, oldest first; later lines win.
 * @throws StateError when one is missing or damaged: a digest is never taken as empty, or every row would count as new
 */
export async function readDigest(
  { store, codec }: DigestPorts,
  keys: readonly string[],
  where: Where,
): Promise<Digest> {
  const digest = newDigest();
  for (const key of keys) {
    const body = await store.get(key);
    if (!body)
      throw new StateError(
        `${key} is missing in ${store.name}, though a commit names it; restore it, or move the stream's commits away to load it anew`,
        where,
      );
    try {
      await readLines(codec.expandInPieces(body), (line) => {
        const [kind, name, value]: [string, string, unknown] = JSON.parse(line);
        if (kind === 'e') digest.entries.set(name, value as Entry);
        if (kind === 'l') digest.cursors.set(name, value as Cursor);
      });
    } catch {
      throw new StateError(
        `${key} in ${store.name} is damaged; restore it, or move the stream's commits away to load it anew`,
        where,
      );
    }
  }
  return digest;
}

/** Expands as it reads: the whole text of a million rows is 100 MB. */
async function readLines(pieces: AsyncIterable<Buffer>, take: (line: string) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of pieces) {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
      take(text.toString('utf8', from, end));
      from = end + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) take(rest.toString('utf8'));
}
