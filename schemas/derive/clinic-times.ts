import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';
import { databaseTablesOf } from './database-tables.ts';

/** Names of timestamp columns, by what their values mean. */
interface TimestampNames {
  /** On the clinic's clock: no instant. */
  readonly clinic: ReadonlySet<string>;
  /** Instants in UTC. */
  readonly utc: ReadonlySet<string>;
}

function timestampNames(tables: readonly Table[], views: readonly View[]): TimestampNames {
  const ofViews = views.flatMap(({ columns }) =>
    Object.entries(columns).map(([name, column]) => ({ name, ...column })),
  );
  const ofTables = databaseTablesOf(tables).flatMap(({ columns }) => columns);
  const clinic = ofViews.filter(({ isClinicClock }) => isClinicClock);
  const utc = [...ofViews, ...ofTables].filter(({ type }) => type === 'timestamp');
  const names = new Set(clinic.map(({ name }) => name));
  return { clinic: names, utc: new Set(utc.map(({ name }) => name).filter((name) => !names.has(name))) };
}

/**
 * Tells which columns of a result may hold times on the clinic's clock. Neither engine has a type for them, so names decide: a column of
 * that name, and of an unknown name if the statement reads one, because an expression may have made it.
 * @returns a test of a column's name
 */
export function clinicTimeTest(
  tables: readonly Table[],
  views: readonly View[],
  sql: string,
): (column: string) => boolean {
  const { clinic, utc } = timestampNames(tables, views);
  const readsOne = [...clinic].some((name) => new RegExp(`\\b${name}\\b`, 'i').test(sql));
  return (column) => clinic.has(column.toLowerCase()) || (readsOne && !utc.has(column.toLowerCase()));
}
