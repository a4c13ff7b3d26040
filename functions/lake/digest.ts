import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { parseDay } from '../time.ts';

/** What is known about one key. There is one entry for every row ever seen, so absent fields are left out. */
export interface DigestEntry {
  /** Hash of the table's declaration and the row's vendor columns; see `rows/hashes.ts` of the extractor. */
  readonly contentHash: string;
  /** `_part_on`, days since the epoch; never changes. */
  readonly partOn: number;
  /** `_first_seen_at`, ms since the epoch; never changes. */
  readonly firstSeenAt: number;
  /** Partition (or group of partitions) that the record belongs to. */
  readonly group?: string;
  /** Deletion candidate: scheduled time of the complete scan that did not contain the key, ms. */
  readonly missingSince?: number;
  /** The clock at that scan, ms. */
  readonly missingSinceClock?: number;
  /** Marked deleted at, ms. */
  readonly deletedAt?: number;
  /** Value of the column that a stable key is looked up by (Zudu: `id`). */
  readonly alias?: string;
  /** The record opted out: its sensitive columns are not kept. */
  readonly optedOut?: true;
  /** Child rows that are deleted with the record, as `child-rows.ts` writes them. */
  readonly children?: string;
}

/** How far one partition was read. */
export interface PartitionCursor {
  /** Scheduled time of the last complete read, ms. */
  readonly readAt: number;
  /** Day of the newest record seen, days since the epoch. */
  readonly newestDay?: number;
  /** First day of an unbroken stretch of days that was read, days since the epoch. */
  readonly readFrom?: number;
  /** Content hash of the parent record when the partition was read, or when that failed. */
  readonly parentHash?: string;
  /** The partition of this parent record could not be read: scheduled times of the first and of the last try, ms. */
  readonly failedSince?: number;
  readonly failedAt?: number;
}

/** One thing to save. */
export type DigestChange =
  | { readonly kind: 'entry'; readonly key: string; readonly entry: DigestEntry }
  | { readonly kind: 'cursor'; readonly partition: string; readonly cursor: PartitionCursor };

/** Everything a stream knows about its keys and partitions. Changes are collected until they are saved. */
export interface Digest {
  readonly entries: ReadonlyMap<string, DigestEntry>;
  readonly cursors: ReadonlyMap<string, PartitionCursor>;
  set(key: string, entry: DigestEntry): void;
  setCursor(partition: string, cursor: PartitionCursor): void;
  /** How many entries of each group are not marked deleted. */
  readonly liveByGroup: () => ReadonlyMap<string | undefined, number>;
  /** Entries and cursors set since they were last saved. */
  changed(): number;
  /** What was set since the last save, or everything. */
  changes(all?: boolean): Iterable<DigestChange>;
  /** Forgets which entries and cursors were set: they are saved now. */
  markSaved(): void;
  /** Frees what later streams of the account do not read: cursors, children, and bookkeeping of deletions. */
  freeForReaders(): void;
}

/** A digest whose entries and cursors were saved before. */
export function newDigest(
  entries = new Map<string, DigestEntry>(),
  cursors = new Map<string, PartitionCursor>(),
): Digest {
  const touched = { entries: new Set<string>(), cursors: new Set<string>() };
  let live: Map<string | undefined, number> | undefined;
  const count = (entry: DigestEntry | undefined, change: number) => {
    if (live && entry && entry.deletedAt === undefined) live.set(entry.group, (live.get(entry.group) ?? 0) + change);
  };
  return {
    entries,
    cursors,
    set(key, entry) {
      count(entries.get(key), -1);
      count(entry, 1);
      entries.set(key, entry);
      touched.entries.add(key);
    },
    setCursor(partition, cursor) {
      cursors.set(partition, cursor);
      touched.cursors.add(partition);
    },
    liveByGroup() {
      if (live) return live;
      live = new Map();
      for (const entry of entries.values()) count(entry, 1);
      return live;
    },
    changed: () => touched.entries.size + touched.cursors.size,
    *changes(all = false) {
      for (const key of all ? entries.keys() : touched.entries) {
        const entry = entries.get(key);
        if (entry) yield { kind: 'entry', key, entry };
      }
      for (const partition of all ? cursors.keys() : touched.cursors) {
        const cursor = cursors.get(partition);
        if (cursor) yield { kind: 'cursor', partition, cursor };
      }
    },
    markSaved() {
      touched.entries.clear();
      touched.cursors.clear();
    },
    freeForReaders() {
      cursors.clear();
      for (const [key, { children, contentHash, partOn, firstSeenAt, group, deletedAt, optedOut }] of entries)
        if (children !== undefined)
          entries.set(key, {
            contentHash,
            partOn,
            firstSeenAt,
            ...(group === undefined ? {} : { group }),
            ...(deletedAt === undefined ? {} : { deletedAt }),
            ...(optedOut && { optedOut }),
          });
    },
  };
}

/** Separates the parts of a key; a unit separator, which no vendor's documented id contains. */
export const KEY_SEPARATOR = '\u001f';

/** Comes before a part that is escaped. No row has such a part in its key, because a blank text is no key. */
const ESCAPED = ' ';

/** True for an empty text, and for one of only white space: as an id, it would be shared by all records that have none. */
export function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

/** A row's key in the digest: the values of its key columns as text, joined. Unique within the table and account. */
export function joinKey(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : values.map((value) => escapePart(String(value))).join(KEY_SEPARATOR);
}

/** A part that contains the separator would look like two parts. Parts without it are as they always were. */
function escapePart(part: string): string {
  if (part !== ESCAPED && !part.includes(KEY_SEPARATOR)) return part;
  const escaped = part.replaceAll('%', '%25').replaceAll(KEY_SEPARATOR, '%1F').replaceAll(ESCAPED, '%20');
  return `${ESCAPED}${KEY_SEPARATOR}${escaped}`;
}

/** The values of the key columns, in the order of `table.key`. Days are days since the epoch. */
export function splitKey(table: Table, key: string): readonly Value[] {
  const parts = table.key.length === 1 ? [key] : splitParts(table, key);
  return table.key.map((name, n) => {
    const text = parts[n] ?? '';
    const type = table.columns[name]?.type;
    if (type === 'bigint') return BigInt(text);
    return type === 'date' ? (parseDay(text) ?? Number(text)) : text;
  });
}

function splitParts({ key: columns, columns: declared }: Table, key: string): readonly string[] {
  const parts: string[] = [];
  const tokens = key.split(KEY_SEPARATOR);
  for (let n = 0; n < tokens.length; n += 1) {
    const token = tokens[n] ?? '';
    if (token === ESCAPED && n + 1 < tokens.length) {
      n += 1;
      parts.push(unescapePart(tokens[n] ?? ''));
    } else parts.push(token);
  }
  // Earlier lakes joined parts as they were: what is too much belongs to the text among them.
  const surplus = parts.length - columns.length;
  const textAt = columns.findIndex((name) => declared[name]?.type === 'text');
  if (surplus <= 0 || textAt === -1) return parts;
  const joined = parts.slice(textAt, textAt + surplus + 1).join(KEY_SEPARATOR);
  return [...parts.slice(0, textAt), joined, ...parts.slice(textAt + surplus + 1)];
}

function unescapePart(text: string): string {
  return text.replaceAll('%20', ESCAPED).replaceAll('%1F', KEY_SEPARATOR).replaceAll('%25', '%');
}
