import {
  bucketsOf,
  encodeShard,
  type Hash64,
  hash64,
  probeBytes,
  readBucket,
  readIndex,
  readProbes,
  ShardFault,
  type ShardRef,
  type ShardRows,
} from './shard.ts';

/** A shard with more rows is split. */
const MOST_ROWS = 32_768;
/** Each part of a split shard has this share of the most rows, so that it can grow. */
const FILLED = 0.6;

/** A row to merge, with its line. */
export interface FreshRow {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly printHigh: number;
  readonly printLow: number;
  /** What the scan in progress has shown of it; 0 for nothing. */
  readonly mark: number;
  /** `[name, value]` as JSON, with its line break. */
  readonly line: string;
}

/** A shard to be stored. */
export interface MergedShard {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly bytes: Buffer;
  /** A mark for each row. */
  readonly marks: Uint8Array;
}

/** A shard before rows are merged into it. */
export interface ShardBefore {
  readonly ref: Pick<ShardRef, 'from' | 'to' | 'rows'>;
  /** All bytes of the object; empty if it has no rows. */
  readonly bytes: Uint8Array;
  /** @default no scan is in progress */
  readonly marks?: Uint8Array | undefined;
  /** Names whose rows are left out. @default none */
  readonly dropped?: readonly string[];
}

/**
 * Merges fresh rows into a shard. A fresh row replaces the one of the same name, and keeps the greater of their marks.
 * @param fresh sorted by hash, each name once
 * @param mostRows a result with more rows is split into several shards @default 32,768
 * @throws ShardFault if the shard is damaged
 */
export function mergeShard(
  before: ShardBefore,
  fresh: readonly FreshRow[],
  mostRows = MOST_ROWS,
): readonly MergedShard[] {
  const { ref } = before;
  const rows = mergeRows(before, fresh);
  const parts = rows.count > mostRows ? Math.ceil(rows.count / Math.max(1, mostRows * FILLED)) : 1;
  const edge = (part: number) =>
    part === parts ? ref.to : ref.from + Math.floor(((ref.to - ref.from) * part) / parts);
  const merged: MergedShard[] = [];
  let first = 0;
  for (let part = 0; part < parts; part += 1) {
    const range = { from: edge(part), to: edge(part + 1) };
    if (range.from === range.to) continue;
    let end = first;
    while (end < rows.count && (rows.high[end] ?? 0) < range.to) end += 1;
    const bytes = encodeShard(rows, first, end, range);
    merged.push({ ...range, rows: end - first, bytes, marks: rows.marks.slice(first, end) });
    first = end;
  }
  return merged;
}

interface MergedRows extends ShardRows {
  readonly count: number;
  readonly marks: Uint8Array;
}

function mergeRows({ ref: { rows }, bytes, marks, dropped }: ShardBefore, fresh: readonly FreshRow[]): MergedRows {
  const most = rows + fresh.length;
  const into = newColumns(most);
  const old = rows > 0 ? readOldRows(bytes, rows) : undefined;
  const isDropped = dropTest(bytes, dropped);
  let n = 0;
  let next = 0;
  const addFresh = (mark: number) => {
    const row = fresh[next];
    if (!row) return;
    into.high[n] = row.high;
    into.low[n] = row.low;
    into.printHigh[n] = row.printHigh;
    into.printLow[n] = row.printLow;
    into.lengths[n] = Buffer.byteLength(row.line);
    into.marks[n] = Math.max(mark, row.mark);
    into.sources[n] = -1 - next;
    n += 1;
    next += 1;
  };
  for (let at = 0; old && at < rows; at += 1) {
    const [high = 0, low = 0] = [old.probes.high[at], old.probes.low[at]];
    while (isBefore(fresh[next], high, low)) addFresh(0);
    const own = fresh[next];
    const mark = marks?.[at] ?? 0;
    if (own && own.high === high && own.low === low && hasName(bytes, old.lines[at] ?? 0, own.name)) {
      addFresh(mark);
      continue;
    }
    if (isDropped?.({ high, low }, old.lines[at] ?? 0)) continue;
    into.high[n] = high;
    into.low[n] = low;
    into.printHigh[n] = old.probes.printHigh[at] ?? 0;
    into.printLow[n] = old.probes.printLow[at] ?? 0;
    into.lengths[n] = (old.ends[at] ?? 0) - (old.lines[at] ?? 0);
    into.marks[n] = mark;
    into.sources[n] = old.lines[at] ?? 0;
    n += 1;
  }
  while (next < fresh.length) addFresh(0);
  const copyLine = (row: number, target: Buffer, at: number) => {
    const source = into.sources[row] ?? 0;
    if (source < 0) target.write(fresh[-1 - source]?.line ?? '', at);
    else target.set(bytes.subarray(source, source + (into.lengths[row] ?? 0)), at);
  };
  return { ...into, count: n, copyLine };
}

/** Decides whether the row of a hash, whose line begins at `at`, is left out; undefined if none is. */
function dropTest(bytes: Uint8Array, dropped: readonly string[] = []) {
  if (dropped.length === 0) return undefined;
  const names = new Map<string, string[]>();
  const idOf = ({ high, low }: Hash64) => `${high}/${low}`;
  for (const name of dropped) {
    const id = idOf(hash64(name));
    names.set(id, [...(names.get(id) ?? []), name]);
  }
  return (hash: Hash64, at: number) => names.get(idOf(hash))?.some((name) => hasName(bytes, at, name)) ?? false;
}

function newColumns(rows: number) {
  return {
    high: new Uint32Array(rows),
    low: new Uint32Array(rows),
    printHigh: new Uint32Array(rows),
    printLow: new Uint32Array(rows),
    lengths: new Uint32Array(rows),
    marks: new Uint8Array(rows),
    /** Where the line begins in the shard before, or -1 - n for the line of fresh row n. */
    sources: new Int32Array(rows),
  };
}

function isBefore(row: FreshRow | undefined, high: number, low: number): boolean {
  return row !== undefined && (row.high < high || (row.high === high && row.low < low));
}

/** Compares rows by their names, because two names may have one hash. */
function hasName(bytes: Uint8Array, at: number, name: string): boolean {
  const begin = Buffer.from(beginOfLine(name));
  return begin.equals(bytes.subarray(at, at + begin.length));
}

/** How the line of a row begins. */
export function beginOfLine(name: string): string {
  return `[${JSON.stringify(name)},`;
}

/** Where each line of a shard begins and ends. @throws ShardFault */
function readOldRows(bytes: Uint8Array, rows: number) {
  const probes = readProbes(bytes, rows);
  const lines = new Uint32Array(rows);
  const ends = new Uint32Array(rows);
  let n = 0;
  for (const { at, text } of bucketsIn(bytes, rows)) {
    for (let from = 0; from < text.length; n += 1) {
      const end = text.indexOf(10, from) + 1;
      if (end === 0) throw new ShardFault();
      lines[n] = at + from;
      ends[n] = at + end;
      from = end;
    }
  }
  if (n !== rows) throw new ShardFault();
  return { probes, lines, ends };
}

/** The lines of each bucket that has some, and where they begin. @param bytes all of a shard's @throws ShardFault */
export function* bucketsIn(bytes: Uint8Array, rows: number): Iterable<{ at: number; text: Uint8Array }> {
  const index = readIndex(bytes, rows);
  const begin = probeBytes(rows);
  if (bytes.length !== begin + (index.at(-1) ?? 0)) throw new ShardFault();
  for (let bucket = 0; bucket < bucketsOf(rows); bucket += 1) {
    const end = begin + (index[bucket + 1] ?? 0);
    const text = readBucket(bytes.subarray(begin + (index[bucket] ?? 0), end));
    if (text.length > 0) yield { at: end - text.length, text };
  }
}
