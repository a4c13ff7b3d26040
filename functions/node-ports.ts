import { promisify } from 'node:util';
import { createGunzip, gunzip, gzip } from 'node:zlib';
import { readColumns } from './parquet/read-columns.ts';
import type { Codec, Ports } from './ports.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** gzip in Node's threads: pages are compressed while the next ones are read. */
const codec: Codec = {
  compress: (bytes) => compress(bytes, { level: 1, chunkSize: Math.max(1024, bytes.byteLength) }),
  expand: (bytes) => expand(bytes),
  expandInPieces(bytes) {
    const expanding = createGunzip({ chunkSize: 256 * 1024 });
    expanding.end(bytes);
    return expanding;
  },
};

/** Ports that Node itself provides, the same on AWS and on one machine. */
export const nodePorts: Pick<Ports, 'codec' | 'readParquet' | 'timer'> = {
  codec,
  readParquet: readColumns,
  timer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
