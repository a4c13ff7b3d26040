import { crc32 } from 'node:zlib';
import type { StoredList } from './known-list.ts';

/** A name and the instant at which it is due, ms; after a read also what the next plan is made from. */
export type DueRow = readonly [dueAt: number, name: string, list?: StoredList];

/** A segment of an agenda: an object with some of its rows, sorted by time. Each ends where the next one begins. */
export interface SegmentRef {
  /** The least instant. */
  readonly from: number;
  readonly rows: number;
  readonly key: string;
}

/** What a segment loses and gains. */
export interface SegmentChange {
  /** Instants of the rows that it loses, by name. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly added: readonly DueRow[];
}

/** A segment with more rows is split. */
const MOST_ROWS = 4096;
/** Each part of a split segment has this share of the most rows, so that it can grow. */
const FILLED = 0.6;
const CRC_DIGITS = 8;

/** A part of an agenda that is missing or damaged. The agenda is made again from what it was made of. */
export class LostAgenda extends Error {
  override readonly name = 'LostAgenda';
}

/** Bytes of a segment: the CRC-32 of what follows in hexadecimal digits, then its rows as JSON. */
export function encodeSegment(rows: readonly DueRow[]): Buffer {
  const text = Buffer.from(JSON.stringify(rows));
  return Buffer.concat([Buffer.from(crc32(text).toString(16).padStart(CRC_DIGITS, '0')), text]);
}

/** @throws LostAgenda if the bytes are damaged */
export function decodeSegment(bytes: Uint8Array): readonly DueRow[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = all.subarray(CRC_DIGITS);
  if (Number.parseInt(all.toString('latin1', 0, CRC_DIGITS), 16) !== crc32(text)) throw new LostAgenda();
  return JSON.parse(text.toString('utf8'));
}

/** The rows of a segment after a change. */
export function changeRows(rows: readonly DueRow[], { dropped, added }: SegmentChange): readonly DueRow[] {
  const fresh = new Map(added.map(([dueAt, name]) => [name, dueAt]));
  const kept = rows.filter(([dueAt, name]) => dropped.get(name) !== dueAt && fresh.get(name) !== dueAt);
  return [...kept, ...added].sort(byTime);
}

function byTime([one, name]: DueRow, [other, otherName]: DueRow): number {
  return one - other || (name < otherName ? -1 : 1);
}

/** Rows in parts of the size of a segment. Rows of one instant stay together, so that a row is found by its instant. */
export function splitRows(rows: readonly DueRow[]): readonly (readonly DueRow[])[] {
  if (rows.length <= MOST_ROWS) return rows.length === 0 ? [] : [rows];
  const parts: (readonly DueRow[])[] = [];
  const size = Math.ceil(MOST_ROWS * FILLED);
  for (let from = 0; from < rows.length; ) {
    let to = Math.min(rows.length, from + size);
    while (to < rows.length && rows[to]?.[0] === rows[to - 1]?.[0]) to += 1;
    parts.push(rows.slice(from, to));
    from = to;
  }
  return parts;
}

/** The place of the segment that an instant belongs to. @param refs sorted, at least one */
export function segmentAt(refs: readonly SegmentRef[], dueAt: number): number {
  let [least, most] = [0, refs.length];
  while (most - least > 1) {
    const middle = (least + most) >>> 1;
    if ((refs[middle]?.from ?? Number.POSITIVE_INFINITY) <= dueAt) least = middle;
    else most = middle;
  }
  return least;
}
