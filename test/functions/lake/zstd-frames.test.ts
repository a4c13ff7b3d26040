import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { framesOf } from '../../../functions/lake/zstd-frames.ts';

const MAGIC = '28b52ffd';
const WINDOW = '58';
/** The last block, raw: 1 + 2 * 0 + 8 * 3, and the 3 bytes "abc". */
const RAW = '190000616263';
/**
 * Written by hand after RFC 8878, so that they are read on a Node without zstd, too, and fields are seen which our own compressor never
 * writes. A size of 2 bytes is stored less 256.
 */
const FRAMES = [
  { has: 'a window and no size', frame: `00${WINDOW}${RAW}` },
  { has: 'a size of 1 byte and no window', frame: `2003${RAW}` },
  { has: 'a window and a size of 2 bytes', frame: `40${WINDOW}2c0063090061`, content: 'a'.repeat(300) },
  { has: 'a size of 2 bytes and no window', frame: '602c0063090061', content: 'a'.repeat(300) },
  { has: 'a window and a size of 4 bytes', frame: `80${WINDOW}03000000${RAW}` },
  { has: 'a size of 4 bytes and no window', frame: `a003000000${RAW}` },
  { has: 'a window and a size of 8 bytes', frame: `c0${WINDOW}0300000000000000${RAW}` },
  { has: 'a size of 8 bytes and no window', frame: `e00300000000000000${RAW}` },
  { has: 'the number of a dictionary in 1 byte', frame: `01${WINDOW}00${RAW}` },
  { has: 'the number of a dictionary in 2 bytes', frame: `02${WINDOW}0000${RAW}` },
  { has: 'the number of a dictionary in 4 bytes', frame: `03${WINDOW}00000000${RAW}` },
  { has: 'the number of a dictionary and a size', frame: `230000000003${RAW}` },
  { has: 'a checksum', frame: `2403${RAW}990977ad` },
  { has: 'a byte that is repeated', frame: `00${WINDOW}1b000061`, content: 'aaa' },
  { has: 'two raw blocks', frame: `00${WINDOW}180000616263${RAW}`, content: 'abcabc' },
  { has: 'a repeated byte before a raw block', frame: `00${WINDOW}1a000061${RAW}`, content: 'aaaabc' },
  { has: 'a compressed block', frame: '642c004d00001061610100272ac002c7cfcfb9', content: 'a'.repeat(300) },
].map(({ has, frame, content = 'abc' }) => ({ has, content, bytes: Buffer.from(MAGIC + frame, 'hex') }));

describe('a zstd frame', () => {
  test.each(FRAMES)('with $has ends where the next one begins', ({ bytes }) => {
    const next = FRAMES[0]?.bytes ?? Buffer.alloc(0);
    expect(framesOf(bytes)).toEqual([bytes]);
    expect(framesOf(Buffer.concat([bytes, next, bytes]))).toEqual([bytes, next, bytes]);
  });

  test.each(FRAMES)('with $has is refused wherever it is cut', ({ bytes }) => {
    for (let length = 0; length < bytes.byteLength; length += 1) {
      expect(() => framesOf(bytes.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
      if (length > 0) expect(() => framesOf(Buffer.concat([bytes, bytes.subarray(0, length)]))).toThrow(RangeError);
    }
  });

  const expand = 'zstdDecompressSync' in zlib ? zlib.zstdDecompressSync : undefined;
  test.runIf(expand).each(FRAMES)('with $has is one that Node expands', ({ bytes, content }) => {
    expect(expand?.(bytes).toString()).toBe(content);
  });
});
