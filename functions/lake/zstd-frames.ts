/**
 * The frames of a zstd file. Node expands the first one and ignores the others, and some versions (24.9) take a frame that
 * is cut for a whole one; so each frame's end is read from its head and the heads of its blocks.
 * @throws RangeError if there is none, or if the last one is cut
 * @see {@link https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1}
 */
export function framesOf(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  let begin = 0;
  do {
    const end = endOfFrame(bytes, begin);
    if (end > bytes.byteLength) throw new RangeError('a frame is cut');
    frames.push(bytes.subarray(begin, end));
    begin = end;
  } while (begin < bytes.byteLength);
  return frames;
}

const MAGIC_BYTES = 4;
const CHECKSUM_BYTES = 4;
/** By the two bits of the head that say so. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const DICTIONARY_BYTES = [0, 1, 2, 4];
/** A block of one byte that is repeated. */
const REPEATED = 1;

function endOfFrame(bytes: Buffer, begin: number): number {
  const head = bytes.readUInt8(begin + MAGIC_BYTES);
  const isSingle = (head & 0x20) !== 0;
  // A single segment has no window's size, and always says that of its content.
  const sizes = (CONTENT_SIZE_BYTES[head >> 6] ?? 0) || (isSingle ? 1 : 0);
  let at = begin + MAGIC_BYTES + 1 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[head & 3] ?? 0) + sizes;
  for (let isLast = false; !isLast; ) {
    const block = bytes.readUIntLE(at, 3);
    isLast = (block & 1) === 1;
    at += 3 + (((block >> 1) & 3) === REPEATED ? 1 : block >> 3);
  }
  return at + ((head & 4) === 0 ? 0 : CHECKSUM_BYTES);
}
