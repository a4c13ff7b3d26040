import type { ColumnType } from '../../schemas/column.ts';
import { layoutOf, type PlacedColumn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { ValueRefusedError } from '../errors.ts';
import type { ColumnData } from '../ports.ts';

/** Physical types of the Parquet format that we use. */
type PhysicalType = 'BYTE_ARRAY' | 'INT64' | 'INT32' | 'DOUBLE' | 'BOOLEAN';

/**
 * One column of a staged Parquet file, the same for every writer.
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md}
 */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly physical: PhysicalType;
  /** Logical type. `TIMESTAMP` is in milliseconds, `isAdjustedToUTC` false. */
  readonly logical?: 'STRING' | 'TIMESTAMP' | 'DATE';
  /** A list of `physical` values, any of which may be null: `<name>.list.element`. */
  readonly list: boolean;
  readonly nullable: boolean;
  /** The file holds minimum and maximum of the column, so readers can skip row groups. Free text has none: a footer must not show a sensitive value. */
  readonly indexed: boolean;
}

type Physical = Pick<ParquetColumn, 'physical' | 'logical'>;

const STRING: Physical = { physical: 'BYTE_ARRAY', logical: 'STRING' };

/** Decimals are staged as text and cast by MERGE: no Parquet writer for Node keeps all of them exact. */
const PHYSICAL: Readonly<Record<ColumnType, Physical>> = {
  text: STRING,
  json: STRING,
  decimal: STRING,
  bigint: { physical: 'INT64' },
  double: { physical: 'DOUBLE' },
  doubles: { physical: 'DOUBLE' },
  boolean: { physical: 'BOOLEAN' },
  timestamp: { physical: 'INT64', logical: 'TIMESTAMP' },
  date: { physical: 'INT32', logical: 'DATE' },
};

const ORDERED: readonly ColumnType[] = ['bigint', 'timestamp', 'date'];

/** Columns of a table's staged Parquet file, in the order of `layoutOf(table)`. */
export function parquetColumnsOf(table: Table): readonly ParquetColumn[] {
  const lookedUp = new Set(['account', ...table.key, '_load_id', '_op']);
  return layoutOf(table).map(({ name, type, nullable }) => ({
    name,
    type,
    ...PHYSICAL[type],
    list: type === 'doubles',
    nullable,
    indexed: ORDERED.includes(type) || lookedUp.has(name),
  }));
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
  for (const value of values) {
    if (value === null && nullable) continue;
    if (value !== null && check(value, limits)) continue;
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
