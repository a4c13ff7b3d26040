import * as zlib from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter as HyparquetWriter } from 'hyparquet-writer';
import type { ColumnType } from '../../schemas/column.ts';
import { layoutOf, type ParquetColumn, type PlacedColumn, parquetColumnsOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { ValueRefusedError } from '../errors.ts';
import type { ColumnData, ParquetWriter } from '../ports.ts';
import { compressSnappy } from './snappy.ts';

const INT64 = { minBigint: -(2n ** 63n), maxBigint: 2n ** 63n - 1n };

/** Undefined on Node 20, which has no zstd. Level 1 needs a third less time than the default, for 4 % more bytes. */
const zstd = zlib.zstdCompressSync as typeof zlib.zstdCompressSync | undefined;
const FASTEST = { [zlib.constants.ZSTD_c_compressionLevel]: 1 };

/** With the size known beforehand, zstd sets up tables of that size and copies nothing into a window. */
function compressZstd(bytes: Uint8Array): Uint8Array {
  const options = { params: FASTEST, pledgedSrcSize: bytes.length, chunkSize: bytes.length + 64 };
  return zstd ? zstd(bytes, options) : bytes;
}

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
    compressors: zstd ? { ZSTD: compressZstd } : { SNAPPY: compressSnappy },
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

function columnSource(column: ParquetColumn, values: readonly Value[]): ColumnSource {
  const { name, physical, logical, indexed } = column;
  const shared = { name, statistics: indexed, columnIndex: indexed };
  // Its dictionaries merge -0 and 0, which are two doubles.
  if (physical === 'DOUBLE') return { ...shared, data: values as Value[], encoding: 'PLAIN' };
  if (logical !== 'STRING' || indexed || hasRepeats(values)) return { ...shared, data: values as Value[] };
  return {
    ...shared,
    encoding: 'PLAIN',
    // Made when the column is written: the bytes of all columns at once would double the memory.
    get data() {
      return encodeTexts(values);
    },
  };
}

/** Texts at the beginning of a column that are compared, and how many of them must differ to give up on a dictionary. */
const SAMPLE = 100;
const UNLIKE = 90;

/** False if the texts nearly all differ: then the writer, in search of a dictionary, would hash every character for nothing. */
function hasRepeats(values: readonly Value[]): boolean {
  const seen = new Set<Value>();
  let texts = 0;
  for (const value of values) {
    if (value === null) continue;
    texts += 1;
    seen.add(value);
    if (texts === SAMPLE) break;
  }
  return seen.size * SAMPLE <= texts * UNLIKE;
}

/** Texts as UTF-8, one after the other in one buffer: the writer would allocate one for each, which takes longer than to fill it. */
function encodeTexts(values: readonly Value[]): (Uint8Array | null)[] {
  let size = 0;
  for (const value of values) if (typeof value === 'string') size += Buffer.byteLength(value);
  const bytes = Buffer.allocUnsafeSlow(size);
  let end = 0;
  return values.map((value) => {
    if (typeof value !== 'string') return null;
    const from = end;
    end += bytes.write(value, from);
    return bytes.subarray(from, end);
  });
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

/** Range of integers that a writer does not alter. */
export interface ValueLimits {
  readonly minBigint: bigint;
  readonly maxBigint: bigint;
}

/**
 * Greatest instant (ms) and day that a `Date` can hold: year 275760.
 * @see {@link https://tc39.es/ecma262/#sec-time-values-and-time-range}
 */
const MAX_MS = 8.64e15;
const MAX_DAYS = 1e8;

/** `decimal(18,6)`. */
const DECIMAL = /^-?\d{1,12}\.\d{6}$/;

type Check = (value: Value, limits: ValueLimits) => boolean;

const CHECKS: Readonly<Record<ColumnType, readonly [check: Check, expected: string]>> = {
  text: [(value) => typeof value === 'string', 'text'],
  json: [(value) => typeof value === 'string', 'JSON text'],
  decimal: [
    (value) => typeof value === 'string' && DECIMAL.test(value),
    'decimal text with six digits after the point',
  ],
  bigint: [isBigint, 'a bigint in the range that the writer does not alter'],
  double: [(value) => typeof value === 'number' && Number.isFinite(value), 'a finite number'],
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  timestamp: [(value) => isWithin(value, MAX_MS), 'milliseconds since the epoch, an integer'],
  date: [(value) => isWithin(value, MAX_DAYS), 'days since the epoch, an integer'],
  doubles: [isListOfDoubles, 'a list of finite numbers'],
};

/**
 * Checks that a writer can write all values unaltered.
 * @returns the number of rows
 * @throws ValueRefusedError that names table and column, never the value
 */
export function checkValues(table: Table, columns: ColumnData, limits: ValueLimits): number {
  const layout = layoutOf(table);
  const rows = columns[0]?.length ?? 0;
  if (columns.length !== layout.length || columns.some((values) => values.length !== rows)) {
    throw new Error(`table ${table.name}: expected ${layout.length} columns of one length`);
  }
  for (const [index, column] of layout.entries()) checkColumn(table, column, columns[index] ?? [], limits);
  return rows;
}

function checkColumn(
  table: Table,
  { name, type, nullable }: PlacedColumn,
  values: readonly Value[],
  limits: ValueLimits,
): void {
  const [check, expected] = CHECKS[type];
  // An iterator would allocate an object for each value.
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (value === null ? nullable : value !== undefined && check(value, limits)) continue;
    const seen = value === null ? 'null' : 'a value of another kind or range';
    throw new ValueRefusedError(`table ${table.name}, column ${name}: ${seen}; expected ${expected}`);
  }
}

function isBigint(value: Value, { minBigint, maxBigint }: ValueLimits): boolean {
  return typeof value === 'bigint' && value >= minBigint && value <= maxBigint;
}

function isWithin(value: Value, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -most && value <= most;
}

function isListOfDoubles(value: Value): boolean {
  return Array.isArray(value) && value.every((element) => element === null || Number.isFinite(element));
}
