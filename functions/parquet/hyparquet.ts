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

/** Undefined on Node 20, which has no zstd. Level 1 needs a third less time than the default, for 4 % more bytes. */
const zstd = zlib.zstdCompressSync as typeof zlib.zstdCompressSync | undefined;
const FASTEST = { [zlib.constants.ZSTD_c_compressionLevel]: 1 };

/** Writes Parquet with hyparquet-writer, the default. */
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
    compressors: zstd
      ? { ZSTD: (bytes) => zstd(bytes, { params: FASTEST, chunkSize: bytes.length + 64 }) }
      : { SNAPPY: compressSnappy },
    statisticsTruncateLength: 64,
    createdBy: 'callhouse',
  });
  const columnData = layout.map((column, index) => columnSource(column, columns[index] ?? []));
  await file.write({ columnData, rowGroupSize: Math.max(rows, 1) });
  // Set after writing, on purpose: with UTF8 declared earlier, hyparquet-writer buffers the bytes of all strings of a column, which
  // takes 20 % longer and much more memory.
  for (const element of schema) if (element.logical_type?.type === 'STRING') element.converted_type = 'UTF8';
  await file.finish();
  return writer.getBytes();
}

function columnSource({ name, physical, indexed }: ParquetColumn, values: readonly Value[]): ColumnSource {
  return {
    name,
    data: values as Value[],
    // A dictionary of hyparquet-writer would merge -0 and 0, which are two different doubles.
    ...(physical === 'DOUBLE' ? { encoding: 'PLAIN' as const } : {}),
    statistics: indexed,
    columnIndex: indexed,
  };
}

/**
 * Schema elements of one column. A list has three levels, as the format prescribes.
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists}
 */
function schemaElements({ name, physical, logical, list, nullable }: ParquetColumn): SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
  if (!list) return [{ name, type: physical, repetition_type, ...annotation(logical) }];
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: physical, repetition_type: 'OPTIONAL', ...annotation(logical) },
  ];
}

/**
 * Logical type, and the older converted type for readers that know only that.
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md}
 */
function annotation(logical: ParquetColumn['logical']): Pick<SchemaElement, 'converted_type' | 'logical_type'> {
  if (logical === 'STRING') return { logical_type: { type: 'STRING' } };
  if (logical === 'DATE') return { converted_type: 'DATE', logical_type: { type: 'DATE' } };
  if (logical !== 'TIMESTAMP') return {};
  return {
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
  };
}
