import * as zlib from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter as HyparquetWriter } from 'hyparquet-writer';
import { type ParquetColumn, parquetColumnsOf } from '../../schemas/derive/parquet-schema.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { ColumnData, ParquetWriter } from '../ports.ts';
import { checkValues } from './check-values.ts';
import { compressSnappy } from './snappy.ts';

const INT64 = { minBigint: -(2n ** 63n), maxBigint: 2n ** 63n - 1n };

/** Node 20 has no zstd. The fastest level is a third cheaper than the usual one, at 4 % more bytes. */
const zstd = zlib.zstdCompressSync as typeof zlib.zstdCompressSync | undefined;
const FASTEST = { [zlib.constants.ZSTD_c_compressionLevel]: 1 };

/** With the size known beforehand, zstd sets up tables of that size and copies nothing into a window. */
function compressZstd(bytes: Uint8Array): Uint8Array {
  const options = { params: FASTEST, pledgedSrcSize: bytes.length, chunkSize: bytes.length + 64 };
  return zstd ? zstd(bytes, options) : bytes;
}

/** Parquet by hyparquet-writer: the default. */
export function hyparquetWriter(): ParquetWriter {
  return {
    name: 'hyparquet',
    async write(table, columns) {
      return writeFile(table, columns, checkValues(table, columns, INT64));
    },
  };
}

async function writeFile(table: Table, columns: ColumnData, rows: number): Promise<Uint8Array> {
  const layout = parquetColumnsOf(table);
  const schema: SchemaElement[] = [{ name: 'root', num_children: layout.length }, ...layout.flatMap(schemaElements)];
  const writer = new ByteWriter();
  const file = new HyparquetWriter({
    writer,
    schema,
    codec: zstd ? 'ZSTD' : 'SNAPPY',
    compressors: zstd ? { ZSTD: compressZstd } : { SNAPPY: compressSnappy },
    statisticsTruncateLength: 64,
    createdBy: 'callhouse',
  });
  const columnData = layout.map((column, index) => columnSource(column, columns[index] ?? []));
  await file.write({ columnData, rowGroupSize: Math.max(rows, 1) });
  // Not before: seeing it, the writer would hold the bytes of all strings of a column at once, at a fifth more time.
  for (const element of schema) if (element.logical_type?.type === 'STRING') element.converted_type = 'UTF8';
  await file.finish();
  return writer.getBytes();
}

function columnSource(column: ParquetColumn, values: readonly Value[]): ColumnSource {
  const { name, physical, indexed } = column;
  // Its dictionaries merge -0 and 0, which are two doubles.
  const isPlain = physical === 'DOUBLE' || isLongText(column, values);
  return {
    name,
    data: values as Value[],
    encoding: isPlain ? 'PLAIN' : undefined,
    statistics: indexed,
    columnIndex: indexed,
  };
}

/** Texts longer than this on average are transcripts and documents, which differ. */
const LONG_TEXT = 128;

/** Looking for repeats would hash every character of such a column for nothing. */
function isLongText({ logical }: ParquetColumn, values: readonly Value[]): boolean {
  if (logical !== 'STRING') return false;
  let length = 0;
  for (const value of values) if (typeof value === 'string') length += value.length;
  return length > LONG_TEXT * values.length;
}

function schemaElements({ name, physical, logical, list, nullable }: ParquetColumn): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  if (!list) return [{ name, type: physical, repetition_type, ...annotation(logical) }];
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: physical, repetition_type: 'OPTIONAL', ...annotation(logical) },
  ];
}

function annotation(logical: ParquetColumn['logical']): Pick<SchemaElement, 'converted_type' | 'logical_type'> {
  if (logical === 'STRING') return { logical_type: { type: 'STRING' } };
  if (logical === 'DATE') return { converted_type: 'DATE', logical_type: { type: 'DATE' } };
  if (logical !== 'TIMESTAMP') return {};
  return {
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
  };
}
