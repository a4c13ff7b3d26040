import * as zlib from 'node:zlib';

/** First bytes of a zstd frame, see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1 */
const ZSTD = Buffer.from('28b52ffd', 'hex');

/** What a stored object holds, decompressed if it is gzip or zstd, whatever its name says. */
export function expandStored(body: Uint8Array = new Uint8Array()): Buffer {
  const bytes = Buffer.from(body);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return zlib.gunzipSync(bytes);
  return bytes.indexOf(ZSTD) === 0
    ? Buffer.concat(framesOf(bytes).map((frame) => zlib.zstdDecompressSync(frame)))
    : bytes;
}

/** Cuts where the next frame begins: Node expands only the first of several. A frame is a header, blocks and a checksum. */
function framesOf(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = endOfFrame(bytes, start);
    frames.push(bytes.subarray(start, end));
    start = end;
  }
  return frames;
}

function endOfFrame(bytes: Buffer, start: number): number {
  const descriptor = bytes.readUInt8(start + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes;
  for (let isLast = false; !isLast; ) {
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4);
}
