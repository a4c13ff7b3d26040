import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * A shard: an object with the settled rows whose names' hashes are in one range, sorted by hash. Numbers are little-endian.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 each | `CHD` and the format's version, rows n, buckets B, CRC-32 of the index, CRC-32 of the probes, 0 |
 * | 4 (B + 1) | index: where each bucket begins in the text; a bucket is an equal part of the range |
 * | 4 n, four times | probes: high and low half of the hash, and both halves of the fingerprint |
 * | the rest | text: of each bucket that has rows the CRC-32 of its lines, then a line `[name, value]` for each row |
 */
const MAGIC = 0x00444843;
const VERSION = 1;
const HEADER_BYTES = 24;
const CRC_BYTES = 4;
const ROWS_PER_BUCKET = 48;

/** Where the hashes end: their high halves are less. */
export const HASH_END = 2 ** 32;

/** Where a shard is, and what it holds: rows whose hash begins with `from` to `to` (without it). */
export interface ShardRef {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Key of the object; empty if the shard has no rows and so no object. */
  readonly key: string;
}

/** 64 bits of a hash. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** Hashes and fingerprints of a shard's rows, in their order. */
export interface Probes {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly printHigh: Uint32Array;
  readonly printLow: Uint32Array;
}

/** What is wrong with the bytes of a shard. */
export class ShardFault extends Error {
  override readonly name = 'ShardFault';
  readonly isNewer: boolean;

  constructor(isNewer = false) {
    super(isNewer ? 'of a newer format' : 'damaged');
    this.isNewer = isNewer;
  }
}

/** The first 64 bits of a text's SHA-256. */
export function hash64(text: string): Hash64 {
  // A string of digits is made in half the time of a buffer.
  const digits = hash('sha256', text, 'hex');
  return { high: Number.parseInt(digits.slice(0, 8), 16), low: Number.parseInt(digits.slice(8, 16), 16) };
}

/** In how many buckets, equal parts of its range, a shard of so many rows is indexed. */
export function bucketsOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / ROWS_PER_BUCKET));
}

/** The bucket of a hash. @param high half of the hash, within the shard's range */
export function bucketOf(high: number, { from, to, rows }: Pick<ShardRef, 'from' | 'to' | 'rows'>): number {
  const buckets = bucketsOf(rows);
  return Math.min(buckets - 1, Math.floor(((high - from) / (to - from)) * buckets));
}

/** Bytes of a shard's header and index. */
export function indexBytes(rows: number): number {
  return HEADER_BYTES + 4 * (bucketsOf(rows) + 1);
}

/** Bytes before a shard's text: header, index and probes. */
export function probeBytes(rows: number): number {
  return indexBytes(rows) + 16 * rows;
}

/** Where each bucket begins in the text, and the text ends. @param bytes the shard's first ones @throws ShardFault */
export function readIndex(bytes: Uint8Array, rows: number): Uint32Array {
  if (bytes.length < indexBytes(rows)) throw new ShardFault();
  const [magic = 0, count, buckets, crc] = numbersAt(bytes, 0, 4);
  if (magic % 2 ** 24 === MAGIC && magic >>> 24 > VERSION) throw new ShardFault(true);
  const index = bytes.subarray(HEADER_BYTES, indexBytes(rows));
  const isOurs = magic === MAGIC + VERSION * 2 ** 24 && count === rows && buckets === bucketsOf(rows);
  if (!isOurs || crc32(index) !== crc) throw new ShardFault();
  return numbersAt(index, 0, bucketsOf(rows) + 1);
}

/** The probes, copied out of the shard's first bytes. @throws ShardFault */
export function readProbes(bytes: Uint8Array, rows: number): Probes {
  readIndex(bytes, rows);
  const own = bytes.subarray(indexBytes(rows), probeBytes(rows));
  if (own.length < 16 * rows || crc32(own) !== numbersAt(bytes, 16, 1)[0]) throw new ShardFault();
  const [high, low, printHigh, printLow] = [0, 1, 2, 3].map((n) => numbersAt(own, 4 * rows * n, rows));
  if (!high || !low || !printHigh || !printLow) throw new ShardFault();
  return { high, low, printHigh, printLow };
}

/** The lines of a bucket. @param bytes all of its bytes @throws ShardFault */
export function readBucket(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const lines = bytes.subarray(CRC_BYTES);
  if (bytes.length < CRC_BYTES || crc32(lines) !== numbersAt(bytes, 0, 1)[0]) throw new ShardFault();
  return lines;
}

/** Rows of a shard to be written, sorted by hash. */
export interface ShardRows extends Probes {
  /** Bytes of each row's line. */
  readonly lengths: Uint32Array;
  /** Copies the line of row `n` to `target`, from `at` on. */
  copyLine(n: number, target: Buffer, at: number): void;
}

/** Writes the rows from `first` to `end` (without it) as the shard of a range. */
export function encodeShard(rows: ShardRows, first: number, end: number, range: Pick<ShardRef, 'from' | 'to'>): Buffer {
  const count = end - first;
  const ref = { ...range, rows: count };
  const index = new Uint32Array(bucketsOf(count) + 1);
  for (let n = first; n < end; n += 1) {
    const bucket = bucketOf(rows.high[n] ?? 0, ref) + 1;
    if (index[bucket] === 0) index[bucket] = CRC_BYTES;
    index[bucket] = (index[bucket] ?? 0) + (rows.lengths[n] ?? 0);
  }
  for (let n = 1; n < index.length; n += 1) index[n] = (index[n] ?? 0) + (index[n - 1] ?? 0);
  const text = probeBytes(count);
  const bytes = Buffer.allocUnsafeSlow(text + (index.at(-1) ?? 0));
  let at = text;
  let n = first;
  for (let bucket = 0; bucket + 1 < index.length; bucket += 1) {
    const stop = text + (index[bucket + 1] ?? 0);
    if (at === stop) continue;
    const lines = at + CRC_BYTES;
    for (at = lines; at < stop; n += 1) {
      rows.copyLine(n, bytes, at);
      at += rows.lengths[n] ?? 0;
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(lines, stop)), lines - CRC_BYTES);
  }
  writeFront(bytes, index, [rows.high, rows.low, rows.printHigh, rows.printLow], { first, end });
  return bytes;
}

function writeFront(
  bytes: Buffer,
  index: Uint32Array,
  probes: readonly Uint32Array[],
  { first, end }: { readonly first: number; readonly end: number },
): void {
  const rows = end - first;
  const after = indexBytes(rows);
  numbersIn(bytes, HEADER_BYTES, index.length).set(index);
  for (const [n, values] of probes.entries())
    numbersIn(bytes, after + 4 * rows * n, rows).set(values.subarray(first, end));
  const crcs = [crc32(bytes.subarray(HEADER_BYTES, after)), crc32(bytes.subarray(after, probeBytes(rows)))];
  numbersIn(bytes, 0, 6).set([MAGIC + VERSION * 2 ** 24, rows, bucketsOf(rows), ...crcs, 0]);
}

/** A view of bytes that were allocated for it, so that they are aligned. */
function numbersIn(bytes: Buffer, at: number, count: number): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset + at, count);
}

/** A copy of the numbers in bytes of any alignment. */
function numbersAt(bytes: Uint8Array, at: number, count: number): Uint32Array {
  const from = bytes.byteOffset + at;
  return new Uint32Array(bytes.buffer.slice(from, from + 4 * count));
}

/** The place of a hash among the probes of a shard; of equal ones the first. @returns -1 if it is not there */
export function findHash({ high, low }: Probes, { from, to }: Pick<ShardRef, 'from' | 'to'>, wanted: Hash64): number {
  const isBefore = (n: number) => {
    const own = high[n] ?? 0;
    return own < wanted.high || (own === wanted.high && (low[n] ?? 0) < wanted.low);
  };
  // Hashes are spread evenly, so the place is near the guess.
  const guess = Math.min(high.length, Math.max(0, Math.floor(((wanted.high - from) / (to - from)) * high.length)));
  let [least, most] = [guess, guess];
  for (let step = 16; least > 0 && !isBefore(least - 1); step *= 2) least = Math.max(0, least - step);
  for (let step = 16; most < high.length && isBefore(most); step *= 2) most = Math.min(high.length, most + step);
  while (least < most) {
    const middle = (least + most) >>> 1;
    if (isBefore(middle)) least = middle + 1;
    else most = middle;
  }
  return high[least] === wanted.high && low[least] === wanted.low ? least : -1;
}
