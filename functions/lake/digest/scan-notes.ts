import type { DigestEntry } from './digest-entry.ts';
import type { RowsPart } from './digest-parts.ts';
import { hash64, type ShardRef } from './shard.ts';

/** Another read than the full scan has shown the row, while the scan is in progress. */
export const SHOWN = 1;
/** The full scan has shown it in an earlier list. */
export const SCANNED = 2;
/** The full scan has shown it in the list that it reads now. */
export const WALKED = 3;

/** What a full scan has shown so far. It may take several runs, so the notes are stored with each commit. */
export interface ScanNotes {
  /** True from the beginning of a full scan to its end, which may be in a later run. */
  readonly isOpen: () => boolean;
  /** Begins a full scan. */
  begin(): Promise<void>;
  /** Begins a list, or begins it again. */
  beginList(): void;
  /** Notes that a row was shown. A greater mark stays. @param mark {@link SHOWN}, {@link SCANNED} or {@link WALKED} */
  show(key: string, mark: number): void;
  /** 0 for a row that was not shown. */
  markOf(key: string): number;
  /** How many rows the list that is read now has shown, in all runs. */
  walked(): number;
  /** The stretches of a list that its pages have shown. */
  coverageOf(list: string): Coverage;
  /** Forgets the stretches of a list. */
  dropCoverage(list: string): void;
  end(): void;
  /** Drops marks of rows that are not in memory any more: their shards have them. */
  prune(): void;
  readonly stored: () => Buffer;
  /** Continues a full scan of an earlier run. @returns false if the notes are not of this digest */
  restore(bytes: Buffer): Promise<boolean>;
}

const FORMAT = 1;
/** A stored mark of a row in memory: 64 bits of the hash of its name, then the mark. */
const RECENT_BYTES = 9;

interface Header {
  readonly format: number;
  /** Key and rows of each shard, in order. */
  readonly shards: readonly (readonly [key: string, rows: number])[];
  readonly recent: number;
  readonly lists: Readonly<Record<string, StoredCoverage>>;
}

/** Notes about the entries of a digest. */
export function newScanNotes(entries: RowsPart<DigestEntry>): ScanNotes {
  const noted: Noted = { entries, recent: new Map(), lists: new Map() };
  const { recent, lists } = noted;
  let isOpen = false;
  const shards = () => entries.settled?.shards;
  const clear = () => {
    recent.clear();
    lists.clear();
    shards()?.clearMarks();
  };
  return {
    isOpen: () => isOpen,
    async begin() {
      await shards()?.openProbes();
      clear();
      isOpen = true;
    },
    beginList() {
      for (const [key, mark] of recent) if (mark === WALKED) recent.set(key, SCANNED);
      shards()?.lowerMarks(WALKED, SCANNED);
    },
    show(key, mark) {
      if (entries.recent.has(key)) recent.set(key, Math.max(mark, recent.get(key) ?? 0));
      shards()?.mark(key, mark);
    },
    markOf: (key) => Math.max(recent.get(key) ?? 0, shards()?.markOf(key) ?? 0),
    walked: () =>
      (shards()?.countMarks(WALKED) ?? 0) +
      [...recent].filter(([key, mark]) => mark === WALKED && shards()?.markOf(key) !== WALKED).length,
    coverageOf(list) {
      const coverage = lists.get(list) ?? newCoverage();
      lists.set(list, coverage);
      return coverage;
    },
    dropCoverage: (list) => void lists.delete(list),
    end() {
      clear();
      isOpen = false;
    },
    prune() {
      for (const key of recent.keys()) if (!entries.recent.has(key)) recent.delete(key);
    },
    stored: () => encodeNotes(noted),
    async restore(bytes) {
      await shards()?.openProbes();
      clear();
      isOpen = decodeNotes(noted, bytes);
      return isOpen;
    },
  };
}

interface Noted {
  readonly entries: RowsPart<DigestEntry>;
  /** Marks of rows in memory. Those of settled rows are with their shards. */
  readonly recent: Map<string, number>;
  readonly lists: Map<string, Coverage>;
}

function filledShards({ entries: { settled } }: Noted): readonly ShardRef[] {
  return (settled?.shards.refs() ?? []).filter(({ rows }) => rows > 0);
}

/** A line with the header; then a mark for each settled row, in the order of the shards; then the marks of rows in memory. */
function encodeNotes(noted: Noted): Buffer {
  const refs = filledShards(noted);
  const { entries, recent, lists } = noted;
  const header: Header = {
    format: FORMAT,
    shards: refs.map(({ key, rows }) => [key, rows]),
    recent: recent.size,
    lists: Object.fromEntries([...lists].map(([list, coverage]) => [list, coverage.stored()])),
  };
  const marks = refs.map((ref) => entries.settled?.shards.probed(ref)?.marks ?? new Uint8Array(ref.rows));
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...marks, encodeRecent(recent)]);
}

/** @returns false if the bytes are damaged, or notes about other shards */
function decodeNotes(noted: Noted, bytes: Buffer): boolean {
  const refs = filledShards(noted);
  const { entries, recent, lists } = noted;
  const header = readHeader(bytes);
  const isSame = ({ key, rows }: ShardRef, n: number) =>
    header?.shards[n]?.[0] === key && header.shards[n]?.[1] === rows;
  if (header?.format !== FORMAT || header.shards.length !== refs.length || !refs.every(isSame)) return false;
  let at = bytes.indexOf(10) + 1;
  const settledRows = refs.reduce((sum, { rows }) => sum + rows, 0);
  if (bytes.length !== at + settledRows + header.recent * RECENT_BYTES) return false;
  for (const ref of refs) {
    entries.settled?.shards.probed(ref)?.marks.set(bytes.subarray(at, at + ref.rows));
    at += ref.rows;
  }
  const marks = decodeRecent(bytes.subarray(at));
  for (const key of marks.size > 0 ? entries.recent.keys() : []) {
    const mark = marks.get(hashText(key));
    if (mark !== undefined) recent.set(key, mark);
  }
  for (const [list, coverage] of Object.entries(header.lists)) lists.set(list, newCoverage(coverage));
  return true;
}

function readHeader(bytes: Buffer): Header | undefined {
  try {
    return JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(10)));
  } catch {
    return undefined;
  }
}

function encodeRecent(marks: ReadonlyMap<string, number>): Buffer {
  const bytes = Buffer.alloc(marks.size * RECENT_BYTES);
  let at = 0;
  for (const [key, mark] of marks) {
    const { high, low } = hash64(key);
    bytes.writeUInt32LE(high, at);
    bytes.writeUInt32LE(low, at + 4);
    bytes.writeUInt8(mark, at + 8);
    at += RECENT_BYTES;
  }
  return bytes;
}

/** Marks by {@link hashText}. If two names have one hash, they share a mark, so that the scan proves less, never more. */
function decodeRecent(bytes: Buffer): ReadonlyMap<string, number> {
  const marks = new Map<string, number>();
  for (let at = 0; at < bytes.length; at += RECENT_BYTES)
    marks.set(`${bytes.readUInt32LE(at)}/${bytes.readUInt32LE(at + 4)}`, bytes.readUInt8(at + 8));
  return marks;
}

function hashText(key: string): string {
  const { high, low } = hash64(key);
  return `${high}/${low}`;
}

/** Instants beyond all that a record may have, ms. */
export const BEFORE_ALL = -8.64e15;
export const AFTER_ALL = 8.64e15;
/** Stands for the instant of records that have none. */
export const NO_INSTANT = BEFORE_ALL;

/** Where in a sorted list a record would be that no page shows. */
export type MissingPlace = 'inside' | 'tied' | 'edge';

/**
 * The stretches of a sorted list that pages have shown. A page shows the list as it is at one moment: a record that would be between two
 * records of a page, and is not on it, was not in the list. A record that would be between two pages may be in the list all the same.
 */
export interface Coverage {
  /** Adds a page, by the instants of its oldest and newest record, ms; the ends of the list are {@link BEFORE_ALL} and {@link AFTER_ALL}. */
  add(from: number, to: number): void;
  /** Notes an instant that the last record of one page and the first record of the next one share, ms. */
  addTie(at: number): void;
  readonly hasTies: () => boolean;
  /** Where a record with this instant would be: inside a page, among records that share their instant at an edge, or on an edge. */
  judge(at: number): MissingPlace;
  readonly stored: () => StoredCoverage;
}

/** Coverage as it is stored: begin and end of each stretch, ascending, and the ties. */
export interface StoredCoverage {
  readonly spans: readonly number[];
  readonly ties: readonly number[];
}

/** Coverage of one list. @param begin what earlier runs have stored */
export function newCoverage({ spans: begin, ties: shared }: StoredCoverage = { spans: [], ties: [] }): Coverage {
  /** Begins and ends in turn, ascending. A stretch contains neither of its ends. */
  const spans = [...begin];
  const ties = new Set(shared);
  /** The place of the first stretch that ends after an instant. */
  const firstAfter = (at: number) => {
    let [least, most] = [0, spans.length / 2];
    while (least < most) {
      const middle = (least + most) >>> 1;
      if ((spans[2 * middle + 1] ?? 0) <= at) least = middle + 1;
      else most = middle;
    }
    return least;
  };
  return {
    add(from, to) {
      if (from >= to) return;
      const first = firstAfter(from);
      let end = first;
      while (2 * end < spans.length && (spans[2 * end] ?? 0) < to) end += 1;
      const joined =
        first === end ? [from, to] : [Math.min(from, spans[2 * first] ?? from), Math.max(to, spans[2 * end - 1] ?? to)];
      spans.splice(2 * first, 2 * (end - first), ...joined);
    },
    addTie: (at) => void ties.add(at),
    hasTies: () => ties.size > 0,
    judge(at) {
      const span = firstAfter(at);
      if (at > (spans[2 * span] ?? AFTER_ALL)) return 'inside';
      return ties.has(at) || ties.has(NO_INSTANT) ? 'tied' : 'edge';
    },
    stored: () => ({ spans, ties: [...ties] }),
  };
}
