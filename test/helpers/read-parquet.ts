import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { DuckDBBlobValue, type DuckDBConnection, DuckDBInstance, DuckDBListValue } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A file's rows, column by column, as they were given to the writer. */
export type ReadParquet = (table: Table, file: Uint8Array) => Promise<Value[][]>;

/** A copy that begins where its buffer begins. */
export function toArrayBuffer(file: Uint8Array): ArrayBuffer {
  return Uint8Array.from(file).buffer;
}

/** Rows of a file by column name, with any codec that this Node version writes. */
export function readRows(file: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({
    file: toArrayBuffer(file),
    compressors: { ZSTD: (bytes) => zlib.zstdDecompressSync(bytes) },
  });
}

/** Reads a file with hyparquet. */
export const readByHyparquet: ReadParquet = async (table, file) => {
  const rows = await parquetReadObjects({
    file: toArrayBuffer(file),
    compressors: { ZSTD: (bytes) => zlib.zstdDecompressSync(bytes) },
    parsers: {
      stringFromBytes: (bytes: Uint8Array) => bytes && Buffer.from(bytes).toString('utf8'),
      timestampFromMilliseconds: (ms: bigint) => Number(ms),
      dateFromDays: (days: number) => days,
    },
  });
  return layoutOf(table).map(({ name }) => rows.map((row) => row[name] ?? null));
};

/** Reads files with DuckDB. */
export async function openDuckdbReader(): Promise<ReadParquet> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (table, file) => readByDuckdb(connection, table, file);
}

async function readByDuckdb(connection: DuckDBConnection, table: Table, file: Uint8Array): Promise<Value[][]> {
  const path = join(await temporaryFolder(), 'file.parquet');
  await writeFile(path, file);
  const columns = layoutOf(table).map(({ name, type }) => {
    if (type === 'timestamp') return `epoch_ms("${name}")`;
    if (type === 'date') return `("${name}" - DATE '1970-01-01')`;
    // As bytes: the package drops a byte order mark from the text it decodes.
    if (type === 'text' || type === 'json' || type === 'decimal') return `encode("${name}")`;
    return `"${name}"`;
  });
  const result = await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM read_parquet('${path}')`);
  const values = result.getColumns();
  return layoutOf(table).map(({ type }, index) =>
    (values[index] ?? []).map((value) => {
      if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('utf8');
      if (value instanceof DuckDBListValue) return value.items as (number | null)[];
      return (type === 'timestamp' || type === 'date') && value !== null ? Number(value) : (value as Value);
    }),
  );
}
