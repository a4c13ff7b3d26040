import * as zlib from 'node:zlib';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import type { Value } from '../../schemas/value.ts';
import { NEEDS_ZSTD, StateError } from '../errors.ts';
import type { ReadParquet } from '../ports.ts';

/** hyparquet itself decompresses Snappy only. Files are ZSTD if the Node that wrote them has zstd. */
const compressors = { ZSTD: expandZstd };

function expandZstd(bytes: Uint8Array): Uint8Array {
  if (!('zstdDecompressSync' in zlib)) throw new StateError(`The file ${NEEDS_ZSTD}`);
  return zlib.zstdDecompressSync(bytes);
}

/** Values as the writer takes them: texts unaltered, instants as ms, days as days since the epoch. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array) => bytes && Buffer.from(bytes).toString('utf8'),
  timestampFromMilliseconds: (ms: bigint) => Number(ms),
  dateFromDays: (days: number) => days,
};

/** Reads columns of a Parquet file with hyparquet. A column that the file of an earlier version lacks is null. */
export const readColumns: ReadParquet = async (file, columns) => {
  const { buffer } = new Uint8Array(file);
  const metadata = parquetMetadata(buffer);
  const held = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const rows = await parquetReadObjects({
    file: buffer,
    metadata,
    columns: columns.filter((name) => held.has(name)),
    compressors,
    parsers,
  });
  return columns.map((name) => rows.map((row) => (row[name] ?? null) as Value));
};
