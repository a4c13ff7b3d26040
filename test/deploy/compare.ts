import { join } from 'node:path';
import { tablesOf } from '../../functions/load/plan.ts';
import type { Engine } from '../../functions/ports.ts';
import { listSources } from '../../functions/source/registry.ts';
import { duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { View } from '../../schemas/views/view.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { type ComparedColumn, differencesOf, linesOf } from './rows.ts';

/** Columns that tell of one home's own runs: ids that are drawn, times that are measured. */
const OWN: readonly string[] = ['_load_id', 'load_id', 'started_at', 'ended_at', 'requests', 'scanned_bytes'];
const LOADS_AND_REJECTS = ['loads', 'rejects'];
/** Columns whose URLs have a new signature at every read. */
const SIGNED = ['recording_url', 'public_log_url'];
/** Of the view `freshness`: when each home's runs ended. */
const MEASURED = ['last_run_at', 'last_ok_at', 'last_data_at', 'lag_minutes'];
/** Statements at once. */
const LANES = 3;

/** A table or view that both homes have. */
export interface Compared {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly ComparedColumn[];
}

/** Rows of both homes, by `database.name`. */
export type Rows = ReadonlyMap<string, readonly string[]>;

/** Every table of every source. */
export async function everyTable(): Promise<readonly Table[]> {
  return tablesOf(await listSources());
}

/** Both databases' tables, the loader's own included, with all columns that two homes can agree on. Each home makes its checks at its own times. */
export async function comparedTables(): Promise<readonly Compared[]> {
  const tables = databaseTablesOf(await everyTable()).filter(({ name }) => name !== 'checks');
  return tables.map(({ database, name, columns }) => ({
    database,
    name,
    columns: columns
      .filter((column) => !OWN.includes(column.name) || !(isOwnTable(name) || column.name.startsWith('_')))
      .map((column) => ({ name: column.name, type: column.type, signed: SIGNED.includes(column.name) })),
  }));
}

/** Every view, as a BI tool reads it. */
export async function everyView(): Promise<readonly View[]> {
  return viewsFor(await everyTable(), { timeZone: 'UTC' });
}

/** The views with the columns that two homes can agree on. */
export function comparedView({ name, columns }: View): Compared {
  const kept = Object.entries(columns).filter(([column]) => name !== 'freshness' || !MEASURED.includes(column));
  return { database: 'callhouse', name, columns: kept.map(([column, { type }]) => ({ name: column, type })) };
}

/** Reads tables or views, a few at a time. */
export async function readRows(engine: Engine, compared: readonly Compared[], lanes = LANES): Promise<Rows> {
  const rows = new Map<string, readonly string[]>();
  const waiting = [...compared];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const names = next.columns.map(({ name }) => quoteName(name)).join(', ');
      const from = `${quoteName(next.database)}.${quoteName(next.name)}`;
      const found = await engine.query(`SELECT ${names} FROM ${from}`);
      rows.set(`${next.database}.${next.name}`, linesOf(next.columns, found.rows));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return rows;
}

/** Reads the same of a local home. */
export async function readLocalRows(warehouse: string, compared: readonly Compared[]): Promise<Rows> {
  const engine = duckdbEngine({
    path: warehouse,
    pathOf: (key) => join(warehouse, '..', 'lake', key),
    views: { timeZone: 'UTC' },
    sleep: async () => {},
  });
  try {
    return await readRows(engine, compared, 1);
  } finally {
    await engine.close();
  }
}

/** What differs between two readings, in words. */
export function compareRows(compared: readonly Compared[], here: Rows, there: Rows): readonly string[] {
  return compared.flatMap(({ database, name, columns }) => {
    const key = `${database}.${name}`;
    return differencesOf(key, columns, [here.get(key) ?? [], there.get(key) ?? []]);
  });
}

/** `19 tables, 1234 rows`. */
export function countOf(rows: Rows, kind: string): string {
  const total = [...rows.values()].reduce((sum, lines) => sum + lines.length, 0);
  return `${rows.size} ${kind}, ${total} rows`;
}

function isOwnTable(name: string): boolean {
  return LOADS_AND_REJECTS.includes(name);
}
