import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Store } from '../ports.ts';
import { putNew } from './put-new.ts';
import { type RawContext, writeFrame } from './raw-frames.ts';

const compress = promisify(gzip);
const OBJECT_BYTES = 2 * 1024 * 1024;

/** Keeps pages as served, several to a compressed object. Pages whose records are all held already are not given to it. */
export interface RawPages {
  /** @param body the page, in pieces */
  add(context: RawContext, body: readonly Buffer[]): Promise<void>;
  /** Writes what is left and hands over the keys since the last call. */
  flush(): Promise<readonly string[]>;
}

/**
 * Each page is compressed as it comes, to a member of its own of the object's gzip: so its bytes are let go while they are young.
 * @param prefix `raw/<source>/<account>/<stream>/<day>`
 */
export function newRawPages(store: Store, prefix: string, loadId: () => string): RawPages {
  let members: Buffer[] = [];
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
      members.push(await compress(frame, { level: 1, chunkSize: frame.byteLength }));
      bytes += frame.byteLength;
      if (bytes >= OBJECT_BYTES) await write();
    },
    async flush() {
      await write();
      const written = keys;
      keys = [];
      return written;
    },
  };
}
