import { gzipCodec } from './lake/objects.ts';
import { zstdCompressor } from './lake/raw-pages.ts';
import { readColumns } from './parquet/read-columns.ts';
import type { Ports } from './ports.ts';
import { timer } from './time.ts';

/** Ports that Node itself provides, on AWS as on one machine. */
export const nodePorts: Pick<Ports, 'codec' | 'readParquet' | 'timer'> = {
  codec: { ...gzipCodec, zstd: zstdCompressor },
  readParquet: readColumns,
  timer,
};
