import type { DuckDBConnection } from '@duckdb/node-api';
import type { Ask } from '../../functions/report/read-facts.ts';
import { quoteDay, quoteName } from '../../schemas/derive/sql-text.ts';
import { createView } from '../../schemas/derive/view-sql.ts';
import type { Table } from '../../schemas/table.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { toResultValue } from '../warehouse/result-value.ts';

/** A database that holds the safe half, as it is attached to a connection. */
export interface SafeHalf {
  readonly connection: DuckDBConnection;
  /** Name of the database. */
  readonly database: string;
  readonly schema: string;
}

/** Name of the database with the recent calls while it is attached. */
export const RECENT = 'recent';
const DATABASES = { safe: RECENT, phi: `${RECENT}_phi`, staging: `${RECENT}_staging` };

/** The views that are created over the recent calls. They read nothing but `calls` and `loads`. */
const VIEWS = ['calls_daily', 'calls_hourly', 'categories_daily', 'key_figures'];
/** What these views and the page read of a call. */
const COLUMNS = [
  ...['source', 'account', 'call_id', 'provider_id', 'provider_name', 'agent', 'direction', 'category', 'language'],
  ...['answered', 'answered_basis', 'missed', 'booked', 'started_at', 'local_date', 'local_hour', 'weekday'],
  ...['is_after_hours', 'duration_seconds', 'wait_seconds', 'cost', 'cost_currency', 'sessions_scheduled'],
  ...['needs_follow_up', 'caller_hash', 'implausible'],
];

/**
 * Reads the recent calls once into memory, with the same views over them, while `work` runs: over the warehouse each query would join and
 * judge all calls of all vendors again.
 * @param first the first day whose calls are needed
 */
export async function withRecentCalls<T>(
  { connection, database, schema }: SafeHalf,
  { first, tables, views }: { readonly first: string; readonly tables: readonly Table[]; readonly views: ViewSettings },
  work: () => Promise<T>,
): Promise<T> {
  const whole = `${quoteName(database)}.${quoteName(schema)}`;
  const declared = viewsFor(tables, views, DATABASES).filter(({ name }) => VIEWS.includes(name));
  await connection.run(`ATTACH ':memory:' AS ${RECENT}`);
  try {
    await connection.run(`CREATE VIEW ${RECENT}.main.loads AS SELECT * FROM ${whole}.loads`);
    await connection.run(
      `CREATE TABLE ${RECENT}.main.calls AS SELECT ${COLUMNS.join(', ')} FROM ${whole}.calls WHERE local_date >= ${quoteDay(first)}`,
    );
    for (const view of declared) await connection.run(createView(view, DATABASES));
    return await work();
  } finally {
    await connection.run(`DETACH ${RECENT}`);
  }
}

/** Queries of a connection, with values as results have them. */
export function askOf(connection: DuckDBConnection): Ask {
  return async (sql) => {
    const result = await connection.run(sql);
    return { rows: (await result.getRows()).map((row) => row.map(toResultValue)) };
  };
}
