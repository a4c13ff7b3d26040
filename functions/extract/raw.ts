import type { Codec, Store } from '../ports.ts';
import { putNew } from './put-new.ts';
import { type RawContext, writeFrame } from './raw-frames.ts';

/** Keeps pages as served, several to a compressed object. Pages whose records are all held already are not given to it. */
export interface RawPages {
  /** @param body the page, in pieces */
  add(context: RawContext, body: readonly Buffer[]): Promise<void>;
  /** Writes what is left and hands over the keys since the last call. */
  flush(): Promise<readonly string[]>;
}

/** Where the pages go. */
export interface RawOptions {
  readonly store: Store;
  readonly codec: Codec;
  /** `raw/<source>/<account>/<stream>/<day>` */
  readonly prefix: string;
  readonly loadId: () => string;
  /** An object of so many bytes, uncompressed, is written. */
  readonly objectBytes: number;
}

/** Each page is compressed as it comes, to a member of its own of the object's gzip: so its bytes are let go while they are young. */
export function newRawPages({ store, codec, prefix, loadId, objectBytes }: RawOptions): RawPages {
  let members: Uint8Array[] = [];
  let bytes = 0;
  let keys: string[] = [];

  async function write(): Promise<void> {
    if (members.length === 0) return;
    const key = `${prefix}/${loadId()}-${String(keys.length + 1).padStart(4, '0')}.pages.gz`;
    const body = Buffer.concat(members);
    members = [];
    bytes = 0;
    await putNew(store, key, body);
    keys.push(key);
  }

  return {
    async add(context, body) {
      const frame = Buffer.concat(writeFrame(context, body));
      members.push(await codec.compress(frame));
      bytes += frame.byteLength;
      if (bytes >= objectBytes) await write();
    },
    async flush() {
      await write();
      const written = keys;
      keys = [];
      return written;
    },
  };
}
