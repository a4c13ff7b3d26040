import type { FieldDefinition } from 'parquetjs-lite';
import { type ParquetColumn, parquetColumnsOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { ColumnData, ParquetWriter } from '../ports.ts';
import { DAY_MS } from '../time.ts';
import { checkValues } from './hyparquet.ts';

/** parquetjs-lite converts integers to doubles. */
const SAFE_INTEGERS = { minBigint: BigInt(Number.MIN_SAFE_INTEGER), maxBigint: BigInt(Number.MAX_SAFE_INTEGER) };

/**
 * The page index of parquetjs-lite is invalid (Trino rejects the file), and its version 2 data pages count the elements of a list as
 * rows, so both are off. `pageSize` counts rows; the file is one row group.
 */
const SAFE_OPTIONS = {
  rowGroupSize: Number.POSITIVE_INFINITY,
  pageSize: 4096,
  useDataPageV2: false,
  pageIndex: false,
} as const;

/** Writes Parquet with parquetjs-lite, in the only configuration that every engine reads correctly. */
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
  // parquetjs-lite orders text by UTF-16 units, so an engine that uses its statistics would skip rows that match.
  const statistics = indexed && logical !== 'STRING' ? {} : { statistics: false as const };
  const leaf: FieldDefinition = { type, compression: 'SNAPPY', ...statistics };
  if (!list) return { ...leaf, optional: nullable };
  return {
    type: 'LIST',
    optional: nullable,
    fields: { list: { repeated: true, fields: { element: { ...leaf, optional: true } } } },
  };
}

/**
 * Converts a value to the form that the package writes unaltered: as a number, it rejects negative times and loses the sign of
 * -0.
 */
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
