import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import type { QueryResult } from '../../functions/ports.ts';
import { duckdb } from './duckdb.ts';

const {
  DuckDBArrayValue,
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

/** A result whose rows are read in batches, so that one of any size fits into memory. */
export interface QueryBatches extends Pick<QueryResult, 'columns' | 'zoned'> {
  readonly batches: AsyncIterable<QueryResult['rows']>;
}

/** Places of the columns of type TIMESTAMP WITH TIME ZONE. */
function zonedColumns(result: DuckDBResult): readonly number[] {
  return result.columnTypes().flatMap(({ typeId }, n) => (typeId === DuckDBTypeId.TIMESTAMP_TZ ? [n] : []));
}

/** Converts a DuckDB value: integers to numbers if no digit is lost, else to bigint; instants to `Date`; other types to text. */
export function toResultValue(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toResultValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, toResultValue(entry)]));
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map(({ key, value: entry }) => [toResultValue(key), toResultValue(entry)]);
  }
  if (value instanceof DuckDBDateValue && !value.isFinite) return value.days > 0 ? 'infinity' : '-infinity';
  return toDate(value) ?? value.toString();
}

/** The rows of a result as they are read. @param result of `stream`, or of `run`, which can be read after the file is closed */
export function batchesOf(result: DuckDBResult): QueryBatches {
  return { columns: result.columnNames(), zoned: zonedColumns(result), batches: readBatches(result) };
}

async function* readBatches(result: DuckDBResult): AsyncGenerator<QueryResult['rows']> {
  for await (const rows of result.yieldRows()) yield rows.map((row) => row.map(toResultValue));
}

/** Reads all rows. */
export async function collectRows({ batches, ...rest }: QueryBatches): Promise<QueryResult> {
  const rows: QueryResult['rows'][number][] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return { ...rest, rows };
}

/** A result that is in memory already. */
export function asBatches({ columns, zoned, rows }: QueryResult): QueryBatches {
  const batches = async function* () {
    yield rows;
  };
  return { columns, zoned, batches: batches() };
}

/** An instant finer than a millisecond, which JavaScript's dates do not know. */
class FineDate extends Date {
  /** Digits after those of the milliseconds. */
  readonly #finer: string;

  constructor(ms: number, finer: string) {
    super(ms);
    this.#finer = finer;
  }

  override toISOString(): string {
    return `${super.toISOString().slice(0, -1)}${this.#finer}Z`;
  }
}

function toDate(value: object): Date | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return finiteDate(value.micros, 3);
  if (value instanceof DuckDBTimestampMillisecondsValue) return finiteDate(value.millis, 0);
  if (value instanceof DuckDBTimestampSecondsValue) return finiteDate(value.seconds * 1000n, 0);
  if (value instanceof DuckDBTimestampNanosecondsValue) return finiteDate(value.nanos, 6);
  return undefined;
}

/** @param digits of a unit after those of a millisecond */
function finiteDate(units: bigint, digits: number): Date | undefined {
  const perMs = 10n ** BigInt(digits);
  const rest = ((units % perMs) + perMs) % perMs;
  const ms = Number((units - rest) / perMs);
  if (Number.isNaN(new Date(ms).getTime())) return undefined;
  return rest === 0n ? new Date(ms) : new FineDate(ms, String(rest).padStart(digits, '0'));
}
