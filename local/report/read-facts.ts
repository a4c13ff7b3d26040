import type { Engine } from '../../functions/ports.ts';

/** Row counts of one table. */
export interface TableTotal {
  readonly table: string;
  readonly live: number;
  readonly removed: number;
}

/** Calls of one vendor that began on one day. */
export interface DayTotal {
  readonly source: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly calls: number;
}

/** When one stream was last read. */
export interface Freshness {
  readonly stream: string;
  readonly status: string;
  readonly lastOk: Date | undefined;
  readonly lastData: Date | undefined;
}

/** Number of values of a column that were refused, or kept under an assumption. */
export interface RejectTotal {
  readonly column: string;
  readonly reason: string;
  readonly count: number;
}

/** Everything the report shows: counts, days and names of tables; no value of a record. */
export interface ReportFacts {
  readonly tables: readonly TableTotal[];
  readonly days: readonly DayTotal[];
  readonly freshness: readonly Freshness[];
  readonly rejects: readonly RejectTotal[];
}

const DAYS_SHOWN = 30;

/** Queries the warehouse for the figures of the report. */
export async function readFacts(engine: Engine): Promise<ReportFacts> {
  return {
    tables: await readTables(engine),
    days: await readDays(engine),
    freshness: await readFreshness(engine),
    rejects: await readRejects(engine),
  };
}

/** Row counts of every vendor table, sorted by name. */
export async function readTables(engine: Engine): Promise<TableTotal[]> {
  const { rows: names } = await engine.query(
    "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'callhouse' AND column_name = '_deleted_at' AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'callhouse') ORDER BY table_name",
  );
  if (names.length === 0) return [];
  const counts = names.map(
    ([name]) => `SELECT '${name}', count(*) FILTER (_deleted_at IS NULL), count(_deleted_at) FROM callhouse."${name}"`,
  );
  const { rows } = await engine.query(counts.join(' UNION ALL '));
  return rows
    .map(([table, live, removed]) => ({ table: String(table), live: Number(live), removed: Number(removed) }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}

async function readDays(engine: Engine): Promise<DayTotal[]> {
  const { rows } = await engine.query(
    `SELECT source, CAST(date AS VARCHAR), CAST(sum(calls) AS BIGINT) FROM callhouse.calls_daily
     WHERE date > (SELECT max(date) FROM callhouse.calls_daily) - ${DAYS_SHOWN} GROUP BY source, date ORDER BY date, source`,
  );
  return rows.map(([source, date, calls]) => ({ source: String(source), date: String(date), calls: Number(calls) }));
}

async function readFreshness(engine: Engine): Promise<Freshness[]> {
  const { rows } = await engine.query(
    'SELECT source, account, stream, last_status, last_ok_at, last_data_at FROM callhouse.freshness ORDER BY 1, 2, 3',
  );
  return rows.map(([source, account, stream, status, lastOk, lastData]) => ({
    stream: `${source}.${stream}${account === 'default' ? '' : ` (${account})`}`,
    status: String(status),
    lastOk: lastOk instanceof Date ? lastOk : undefined,
    lastData: lastData instanceof Date ? lastData : undefined,
  }));
}

async function readRejects(engine: Engine): Promise<RejectTotal[]> {
  const { rows } = await engine.query(
    'SELECT table_name, column_name, reason, CAST(sum(count) AS BIGINT) FROM callhouse.rejects GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 100',
  );
  return rows.map(([table, column, reason, count]) => ({
    column: `${table}.${column}`,
    reason: String(reason),
    count: Number(count),
  }));
}
