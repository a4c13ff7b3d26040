import * as z from 'zod';

const contextSchema = z.object({ list: z.string(), page: z.number(), at: z.string(), bytes: z.number() });

/** What a raw page was answered to; names and numbers only. */
export interface RawContext {
  readonly list: string;
  readonly page: number;
  readonly at: string;
}

/** One page of a raw object. */
export interface RawFrame {
  readonly context: RawContext;
  readonly body: Buffer;
}

/** A page as bytes: a JSON line of context with the number of bytes, then these bytes, then a line break. */
export function writeFrame({ list, page, at }: RawContext, body: readonly Buffer[]): readonly Buffer[] {
  const bytes = body.reduce((sum, piece) => sum + piece.byteLength, 0);
  return [Buffer.from(`${JSON.stringify({ list, page, at, bytes })}\n`), ...body, Buffer.from('\n')];
}

/** Pages of an expanded raw object, in the order kept. */
export function* readFrames(bytes: Buffer): Iterable<RawFrame> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    const context = contextSchema.parse(JSON.parse(bytes.toString('utf8', start, end)));
    const stop = end + 1 + context.bytes;
    yield { context, body: bytes.subarray(end + 1, stop) };
    start = stop + 1;
  }
}
