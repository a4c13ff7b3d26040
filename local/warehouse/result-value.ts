import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { duckdb } from './duckdb.ts';

const {
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
} = duckdb;

/** Places of the columns of type TIMESTAMP WITH TIME ZONE. */
export function zonedColumns(result: DuckDBResult): readonly number[] {
  return result.columnTypes().flatMap(({ typeId }, n) => (typeId === DuckDBTypeId.TIMESTAMP_TZ ? [n] : []));
}

/** Converts a DuckDB value: integers to numbers if no digit is lost, else to bigint; instants to `Date`; other types to text. */
export function toResultValue(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBListValue) return value.items.map(toResultValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, toResultValue(entry)]));
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map(({ key, value: entry }) => [toResultValue(key), toResultValue(entry)]);
  }
  if (value instanceof DuckDBDateValue) return value.toString();
  return toDate(value) ?? value.toString();
}

function toDate(value: object): Date | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return finiteDate(value.micros, 1000n);
  if (value instanceof DuckDBTimestampMillisecondsValue) return finiteDate(value.millis, 1n);
  if (value instanceof DuckDBTimestampSecondsValue) return finiteDate(value.seconds * 1000n, 1n);
  if (value instanceof DuckDBTimestampNanosecondsValue) return finiteDate(value.nanos, 1_000_000n);
  return undefined;
}

function finiteDate(units: bigint, perMs: bigint): Date | undefined {
  const date = new Date(Number(units / perMs));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
