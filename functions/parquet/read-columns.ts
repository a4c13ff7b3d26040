import * as zlib from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import type { Value } from '../../schemas/value.ts';
import type { ReadParquet } from '../ports.ts';

/** The reader knows snappy alone; where Node has zstd, that is what was written. */
const compressors = { ZSTD: (bytes: Uint8Array) => zlib.zstdDecompressSync(bytes) };

/** What was read is given to the writer again: texts to the last byte, instants and days as numbers. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array) => bytes && Buffer.from(bytes).toString('utf8'),
  timestampFromMilliseconds: (ms: bigint) => Number(ms),
  dateFromDays: (days: number) => days,
};

/** Columns of a Parquet file, by hyparquet. */
export const readColumns: ReadParquet = async (file, columns) => {
  const rows = await parquetReadObjects({
    file: new Uint8Array(file).buffer,
    columns: [...columns],
    compressors,
    parsers,
  });
  return columns.map((name) => rows.map((row) => (row[name] ?? null) as Value));
};
