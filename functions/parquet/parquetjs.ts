import type { FieldDefinition } from 'parquetjs-lite';
import { type ParquetColumn, parquetColumnsOf } from '../../schemas/derive/parquet-schema.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { ColumnData, ParquetWriter } from '../ports.ts';
import { checkValues } from './check-values.ts';

/** It passes integers through a double. */
const SAFE_INTEGERS = { minBigint: BigInt(Number.MIN_SAFE_INTEGER), maxBigint: BigInt(Number.MAX_SAFE_INTEGER) };

const DAY_MS = 86_400_000;

/**
 * Its page index is invalid (Trino refuses the file), and its version 2 pages count the elements of a list as rows.
 * A page is this many rows, a row group the whole file.
 */
const SAFE_OPTIONS = {
  rowGroupSize: Number.POSITIVE_INFINITY,
  pageSize: 4096,
  useDataPageV2: false,
  pageIndex: false,
} as const;

/** Parquet by parquetjs-lite, in the only configuration that every engine reads right. */
export function parquetjsWriter(): ParquetWriter {
  return {
    name: 'parquetjs',
    async write(table, columns) {
      return writeFile(table, columns, checkValues(table, columns, SAFE_INTEGERS));
    },
  };
}

async function writeFile(table: Table, columns: ColumnData, rows: number): Promise<Uint8Array> {
  const { default: parquetjs } = await import('parquetjs-lite');
  const layout = parquetColumnsOf(table);
  const chunks: Uint8Array[] = [];
  const schema = new parquetjs.ParquetSchema(
    Object.fromEntries(layout.map((column) => [column.name, fieldOf(column)])),
  );
  const envelope = new parquetjs.ParquetEnvelopeWriter(
    schema,
    (bytes) => chunks.push(bytes),
    () => {},
    0,
    SAFE_OPTIONS,
  );
  const writer = new parquetjs.ParquetWriter(schema, envelope, SAFE_OPTIONS);
  for (let row = 0; row < rows; row++) {
    const record: Record<string, unknown> = {};
    for (const [index, column] of layout.entries())
      record[column.name] = fieldValue(column, columns[index]?.[row] ?? null);
    await writer.appendRow(record);
  }
  await writer.close();
  return Buffer.concat(chunks);
}

function fieldOf({ physical, logical, list, nullable, indexed }: ParquetColumn): FieldDefinition {
  const type = logical === 'STRING' ? 'UTF8' : logical === 'TIMESTAMP' ? 'TIMESTAMP_MILLIS' : (logical ?? physical);
  // Its statistics of text are ordered by UTF-16 units, by which engines skip rows that match.
  const statistics = indexed && logical !== 'STRING' ? {} : { statistics: false as const };
  const leaf: FieldDefinition = { type, compression: 'SNAPPY', ...statistics };
  if (!list) return { ...leaf, optional: nullable };
  return {
    type: 'LIST',
    optional: nullable,
    fields: { list: { repeated: true, fields: { element: { ...leaf, optional: true } } } },
  };
}

/** The form of a value that the package writes unaltered: it refuses negative times as numbers, and loses the sign of -0 as one. */
function fieldValue({ logical, list }: ParquetColumn, value: Value): unknown {
  if (value === null) return null;
  if (Array.isArray(value) && list) return { list: value.map((element) => ({ element: signedZero(element) })) };
  if (typeof value !== 'number') return value;
  if (logical === 'TIMESTAMP') return new Date(value);
  if (logical === 'DATE') return new Date(value * DAY_MS);
  return signedZero(value);
}

function signedZero(value: number | null): number | string | null {
  return Object.is(value, -0) ? '-0' : value;
}
