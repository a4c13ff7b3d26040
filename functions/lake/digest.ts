import type { DigestCounts, DigestEntry, FirstKey, PartitionCursor } from './digest/digest-entry.ts';
import type { DigestChange, DigestParts, DigestRoot, Rows, RowsPart } from './digest/digest-parts.ts';
import { newScanNotes, type ScanNotes } from './digest/scan-notes.ts';
import type { Row } from './digest/settled-rows.ts';

/** Everything a stream knows about its keys and partitions. Changes are collected until they are saved. */
export interface Digest {
  readonly entries: Rows<DigestEntry>;
  readonly cursors: Rows<PartitionCursor>;
  readonly firstKeys: Rows<FirstKey>;
  readonly parts: DigestParts;
  readonly isEmpty: () => boolean;
  /** True if rows were settled: earlier versions cannot read such a digest. */
  readonly isSettled: () => boolean;
  /** Number of rows in memory, of the kind that has most. */
  readonly size: () => number;
  /** True while rows of some kind are being settled, over several commits. */
  readonly isSettling: () => boolean;
  /** @throws Error if the key was not loaded, which is a bug */
  set(key: string, entry: DigestEntry): void;
  setCursor(partition: string, cursor: PartitionCursor): void;
  setFirstKey(by: string, first: FirstKey): void;
  /** Removes an erased key from memory. It must have been loaded. */
  forget(key: string): void;
  readonly counts: () => DigestCounts;
  /** Reads hash and fingerprint of every settled entry and first key. */
  openProbes(): Promise<void>;
  /** What the full scan in progress has shown. */
  readonly scan: ScanNotes;
  /** True if hash and fingerprint of every settled entry are in memory, so that few need to be loaded. */
  readonly hasProbes: () => boolean;
  /** Rows set since they were last saved. */
  changed(): number;
  /** Rows that were set since the last save, as the next object of the log has them. */
  changes(): Iterable<DigestChange>;
  /** All rows in memory, and the root, as the first object of a new log has them. */
  everything(): Iterable<DigestChange>;
  /** Forgets which rows were set: they are saved now. */
  markSaved(): void;
  /** Frees settled rows that pages needed, if they are many. */
  release(): void;
  /** Frees all settled rows and probes. Called at the end of a stream. */
  releaseAll(): void;
}

/** What a digest begins with. */
export interface DigestBegin {
  readonly entries?: Map<string, DigestEntry>;
  readonly cursors?: Map<string, PartitionCursor>;
  readonly firstKeys?: Map<string, FirstKey>;
  /** Undefined if all entries are in memory, so that they can be counted. */
  readonly counts?: DigestCounts | undefined;
}

/** Loaded rows that are kept for the next page. */
const MOST_LOADED = 4096;

/** A digest whose rows were saved before. */
export function newDigest({ counts, ...begin }: DigestBegin = {}): Digest {
  const parts = {
    entries: newRows(begin.entries),
    cursors: newRows(begin.cursors),
    firstKeys: newRows(begin.firstKeys),
  };
  const { entries, cursors, firstKeys } = parts;
  const tally = newTally(counts, entries.recent);
  const all = Object.values(parts);
  return {
    ...parts,
    parts,
    counts: tally.counts,
    isEmpty: () => all.every(({ recent, settled }) => recent.size === 0 && settled === undefined),
    isSettled: () => all.some(({ settled }) => settled !== undefined),
    size: () => Math.max(...all.map(({ recent }) => recent.size)),
    isSettling: () => all.some(({ next }) => next !== undefined),
    set(key, entry) {
      tally.replace(entries.get(key), entry);
      setRow(entries, key, entry);
    },
    setCursor: (partition, cursor) => setRow(cursors, partition, cursor),
    setFirstKey: (by, first) => setRow(firstKeys, by, first),
    forget: (key) => tally.remove(forgetRow(entries, key)),
    async openProbes() {
      for (const { settled } of [entries, firstKeys]) await settled?.shards.openProbes();
    },
    scan: newScanNotes(entries),
    hasProbes: () => entries.settled?.shards.hasProbes() ?? false,
    changed: () => all.reduce((sum, { touched }) => sum + touched.size, 0),
    changes: () => linesOf(parts, tally.counts, false),
    everything: () => linesOf(parts, tally.counts, true),
    markSaved() {
      for (const { touched } of all) touched.clear();
    },
    release() {
      for (const { settled } of [entries, firstKeys]) settled?.forgetMany(MOST_LOADED);
    },
    releaseAll() {
      for (const { settled } of all) settled?.forgetMany(0);
      for (const { settled } of all) settled?.shards.closeProbes();
    },
  };
}

/** Rows that are in memory, or those of them that were set since the last save. */
function* linesOf(parts: DigestParts, counts: Digest['counts'], isAll: boolean): Generator<DigestChange> {
  const { entries, cursors, firstKeys } = parts;
  const hasRoot = Object.values(parts).some(({ settled }) => settled !== undefined);
  if (hasRoot && isAll) yield { kind: 'root', root: rootOf(parts) };
  for (const [key, entry] of savedRows(entries, isAll)) yield { kind: 'entry', key, entry };
  for (const [partition, cursor] of savedRows(cursors, isAll)) yield { kind: 'cursor', partition, cursor };
  // Without a root, all entries are in the log: first keys and counts follow from them.
  if (!hasRoot) return;
  for (const [by, first] of savedRows(firstKeys, isAll)) yield { kind: 'first key', by, first };
  yield { kind: 'counts', counts: counts() };
}

/** Forgets the settled cursors that were loaded, if they are many. */
export function releaseCursors({ parts: { cursors } }: Digest): void {
  cursors.settled?.forgetMany(MOST_LOADED);
}

/** Counts entries when they are asked for first. From then on, it adjusts the counts as entries change. */
function newTally(begin: DigestCounts | undefined, entries: ReadonlyMap<string, DigestEntry>) {
  let live = begin && new Map(begin.live);
  let earliest = begin?.earliestDay;
  const count = (entry: DigestEntry | undefined, change: number) => {
    if (!live || !entry) return;
    if (change > 0) earliest = Math.min(earliest ?? entry.partOn, entry.partOn);
    if (entry.deletedAt === undefined) live.set(entry.group, (live.get(entry.group) ?? 0) + change);
  };
  return {
    counts(): DigestCounts {
      if (!live) {
        live = new Map();
        for (const entry of entries.values()) count(entry, 1);
      }
      return { live, earliestDay: earliest };
    },
    replace(before: DigestEntry | undefined, after: DigestEntry) {
      count(before, -1);
      count(after, 1);
    },
    remove: (before: DigestEntry | undefined) => count(before, -1),
  };
}

function rootOf({ entries, cursors, firstKeys }: DigestParts): DigestRoot {
  const shardsOf = ({ settled }: DigestParts[keyof DigestParts]) => settled?.shards.refs() ?? [];
  return {
    entries: shardsOf(entries),
    cursors: shardsOf(cursors),
    firstKeys: shardsOf(firstKeys),
    next: { entries: entries.next, cursors: cursors.next, firstKeys: firstKeys.next },
  };
}

function newRows<V>(recent = new Map<string, V>()): RowsPart<V> {
  return {
    recent,
    touched: new Set(),
    settled: undefined,
    next: undefined,
    async load(names) {
      if (!this.settled) return;
      await this.settled.load([...names].filter((name) => name !== undefined && !recent.has(name)) as string[]);
    },
    peek(name) {
      return recent.get(name) ?? (this.settled?.isLoaded(name) ? this.settled.get(name) : undefined);
    },
    get(name) {
      return recent.get(name) ?? this.settled?.get(name);
    },
    has(name) {
      if (recent.has(name) || !this.settled) return recent.has(name);
      const { shards, isLoaded, get } = this.settled;
      return shards.hasProbes() && !isLoaded(name) ? shards.printOf(name) !== undefined : get(name) !== undefined;
    },
    async *batches(test) {
      const own = [...recent].filter(([name, value]) => test?.recent(name, value) ?? true);
      if (own.length > 0) yield own;
      for await (const batch of this.settled?.rows(test?.settled) ?? []) {
        const rows = batch.rows.filter(([name]) => !recent.has(name));
        if (test) for (const [name, value] of rows) this.settled?.keep(name, value);
        yield rows;
      }
    },
    async *parts(from) {
      if (from === undefined) yield { rows: [...recent], upTo: 0 };
      for await (const { rows, upTo } of this.settled?.rows(undefined, from) ?? [])
        yield { rows: rows.filter(([name]) => !recent.has(name)), upTo };
    },
  };
}

function setRow<V>({ recent, touched }: RowsPart<V>, name: string, value: V): void {
  recent.set(name, value);
  touched.add(name);
}

/** @returns the row, if there was one */
function forgetRow<V>(rows: RowsPart<V>, name: string): V | undefined {
  const row = rows.get(name);
  rows.recent.delete(name);
  rows.touched.delete(name);
  return row;
}

function* savedRows<V>({ recent, touched }: RowsPart<V>, isAll: boolean): Iterable<Row<V>> {
  if (isAll) return yield* recent;
  for (const name of touched) {
    const value = recent.get(name);
    if (value !== undefined) yield [name, value];
  }
}

/** Separates the parts of a key; a unit separator, which no vendor's documented id contains. */
export const KEY_SEPARATOR = '\u001f';

/** Comes, as a part of its own, before a part that is escaped. No part of a key is blank like it, because a blank text is not a key. */
export const ESCAPED = ' ';

/** True for a text without a visible character. As an id, it would be shared by all records that have none. */
export function isBlank(value: unknown): boolean {
  return typeof value === 'string' && !/[^\s\p{Cc}\p{Cf}]/u.test(value);
}

/** A row's key in the digest: the values of its key columns as text, joined. Unique within the table and account. */
export function joinKey(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : values.map((value) => escapePart(String(value))).join(KEY_SEPARATOR);
}

/** Escapes a part that contains the separator, because it would look like two parts. */
function escapePart(part: string): string {
  if (part !== ESCAPED && !part.includes(KEY_SEPARATOR)) return part;
  const escaped = part.replaceAll('%', '%25').replaceAll(KEY_SEPARATOR, '%1F').replaceAll(ESCAPED, '%20');
  return `${ESCAPED}${KEY_SEPARATOR}${escaped}`;
}
