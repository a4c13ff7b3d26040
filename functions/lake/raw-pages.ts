import * as zlib from 'node:zlib';
import * as z from 'zod';
import { IS_DAMAGED, NEEDS_ZSTD, StateError } from '../errors.ts';
import type { Codec, Compressor, Ports, Store } from '../ports.ts';
import { changeObject } from './change-object.ts';
import { createObject, rawKey, type StreamId } from './objects.ts';
import { framesOf } from './zstd-frames.ts';

/** The request that a raw page answered. It has names and numbers only. */
export interface RawContext {
  readonly partition: string;
  readonly page: number;
  /** Scheduled time of the run, ISO 8601. */
  readonly at: string;
}

/** One page of a raw object. */
export interface RawPage {
  readonly context: RawContext;
  /** As the vendor served it, without what was redacted or erased. */
  readonly body: Buffer;
}

const headerSchema = z.object({ list: z.string(), page: z.number(), at: z.string(), bytes: z.number() });

/** Encodes a page: a JSON line with its context and length in bytes, then the bytes, then a line break. */
export function encodeRawPage({ partition, page, at }: RawContext, body: readonly Buffer[]): readonly Buffer[] {
  const bytes = body.reduce((sum, piece) => sum + piece.byteLength, 0);
  return [Buffer.from(`${JSON.stringify({ list: partition, page, at, bytes })}\n`), ...body, Buffer.from('\n')];
}

/** Pages of an expanded raw object, in the order written. @throws Error if the object is damaged */
export function* decodeRawPages(bytes: Buffer): Iterable<RawPage> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', start, end)));
    const stop = end + 1 + header.bytes;
    const context = { partition: header.list, page: header.page, at: header.at };
    yield { context, body: bytes.subarray(end + 1, stop) };
    start = stop + 1;
  }
}

/** Where raw objects are. */
type RawPorts = Pick<Ports, 'store' | 'codec'>;

const FRAME = {
  params: { [zlib.constants.ZSTD_c_compressionLevel]: 1, [zlib.constants.ZSTD_c_checksumFlag]: 1 },
  chunkSize: 128 * 1024,
};

/** zstd in frames, one after the other. Level 1 takes less than half the CPU of gzip's level 1, for three quarters of the bytes. */
const zstd: Compressor = {
  // Half a megabyte takes a millisecond; Node's thread pool would add a third to it.
  compress: async (bytes) => zlib.zstdCompressSync(bytes, { ...FRAME, pledgedSrcSize: bytes.byteLength }),
  async expand(bytes) {
    const frames = framesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return Buffer.concat(frames.map((frame) => zlib.zstdDecompressSync(frame, { chunkSize: FRAME.chunkSize })));
  },
};

/** Undefined on Node 20, which has no zstd. */
export const zstdCompressor = 'zstdCompressSync' in zlib ? zstd : undefined;

/** What a raw object is compressed with, by its key. @throws StateError if this Node lacks it */
export function compressorOf(key: string, { store, codec }: RawPorts, id: StreamId): Compressor {
  if (!key.endsWith('.zst')) return codec;
  if (codec.zstd) return codec.zstd;
  throw new StateError(`${key} in ${store.name} ${NEEDS_ZSTD}`, id);
}

/** Pages of a raw object; none if it is gone. @throws StateError if it is damaged, or this Node cannot expand it */
export async function readRawPages(key: string, id: StreamId, ports: RawPorts): Promise<readonly RawPage[]> {
  const body = await ports.store.get(key);
  return body ? expandPages(key, body, id, ports) : [];
}

async function expandPages(key: string, body: Uint8Array, id: StreamId, ports: RawPorts): Promise<readonly RawPage[]> {
  const compressor = compressorOf(key, ports, id);
  try {
    return [...decodeRawPages(await compressor.expand(body))];
  } catch {
    throw new StateError(`${key} in ${ports.store.name} ${IS_DAMAGED}`, id);
  }
}

/**
 * Changes the pages of a raw object. Does nothing if the object is gone, or if no page changes.
 * @param change returns the same bytes for a page that stays, undefined for one that is not kept
 * @returns true if the object was written again
 */
export function changeRawPages(
  key: string,
  id: StreamId,
  ports: RawPorts,
  change: (page: RawPage) => Buffer | undefined,
): Promise<boolean> {
  return changeObject(ports.store, key, async (stored) => {
    const pages = await expandPages(key, stored, id, ports);
    const changed = pages.map(change);
    if (changed.every((body, n) => body === pages[n]?.body)) return undefined;
    const bytes = pages.flatMap(({ context }, n) => {
      const body = changed[n];
      return body === undefined ? [] : encodeRawPage(context, [body]);
    });
    return compressorOf(key, ports, id).compress(Buffer.concat(bytes));
  });
}

/** Writes pages as served, several to a compressed object. */
export interface RawWriter {
  /** @param body the page's bytes, in pieces */
  add(context: RawContext, body: readonly Buffer[]): Promise<void>;
  /** Writes what is buffered. @returns the keys of the objects written since the last call */
  flush(): Promise<readonly string[]>;
}

/** Where raw pages go. */
export interface RawOptions {
  readonly store: Store;
  readonly codec: Codec;
  readonly id: StreamId;
  /** UTC day of the run's scheduled time, `YYYY-MM-DD`. */
  readonly day: string;
  /** What names of objects begin with, see `copyName`. */
  readonly name: () => string;
  /** Size at which an object is written, bytes before compression. */
  readonly objectBytes: number;
}

/** Pages are compressed together in pieces of this size. Smaller pieces cost more CPU, larger ones more memory. */
const MEMBER_BYTES = 512 * 1024;

/** A writer of one run. An object consists of zstd frames, or gzip members. Each is made as soon as its pages are there. */
export function newRawWriter({ store, codec, id, day, name, objectBytes }: RawOptions): RawWriter {
  const [format, compressor] = codec.zstd ? (['zst', codec.zstd] as const) : (['gz', codec] as const);
  let pages: Buffer[] = [];
  let pageBytes = 0;
  let members: Uint8Array[] = [];
  let bytes = 0;
  let keys: string[] = [];

  async function closeMember(): Promise<void> {
    if (pages.length === 0) return;
    const member = Buffer.concat(pages);
    pages = [];
    pageBytes = 0;
    members.push(await compressor.compress(member));
  }

  async function write(): Promise<void> {
    await closeMember();
    if (members.length === 0) return;
    const key = rawKey(id, { day, name: name(), part: keys.length + 1 }, format);
    const body = Buffer.concat(members);
    members = [];
    bytes = 0;
    await createObject(store, key, body);
    keys.push(key);
  }

  return {
    async add(context, body) {
      for (const piece of encodeRawPage(context, body)) {
        pages.push(piece);
        pageBytes += piece.byteLength;
        bytes += piece.byteLength;
      }
      if (bytes >= objectBytes) await write();
      else if (pageBytes >= MEMBER_BYTES) await closeMember();
    },
    async flush() {
      await write();
      const written = keys;
      keys = [];
      return written;
    },
  };
}
