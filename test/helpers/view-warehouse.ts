import { onTestFinished } from 'vitest';
import type { DuckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { loads } from '../../schemas/bookkeeping.ts';
import { insertText } from '../../schemas/derive/insert.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { sampleCalls } from './sample-table.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { testWarehouse } from './warehouse.ts';

/** All tables of the product, and the sample table. */
export const TABLES = [...(await allTables()), sampleCalls];

/** Columns of a row that the vendor removed. */
export const GONE = { _deleted_at: "TIMESTAMP '2026-01-02'" };

const STANDARD: Readonly<Record<string, string>> = {
  account: "'default'",
  _part_on: "DATE '2026-01-01'",
  _first_seen_at: "TIMESTAMP '2026-01-01'",
  _changed_at: "TIMESTAMP '2026-06-01'",
  _seq: '1',
  _load_id: "'l'",
};

/** A warehouse for testing views. */
export interface ViewWarehouse {
  readonly engine: DuckdbEngine;
  /** Inserts a row into the safe table; omitted columns are null. Values are SQL. */
  insert(table: Table, row: Readonly<Record<string, string>>): Promise<void>;
  rowsOf(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/** Opens a warehouse with the time zone of New York; its own Kismet user is 900. */
export async function viewWarehouse(): Promise<ViewWarehouse> {
  const views = { timeZone: 'America/New_York', ownUserIds: ['900'] };
  const engine = testWarehouse(await temporaryFolder()).open({ views });
  onTestFinished(() => engine.close());
  await engine.prepare(TABLES);
  return {
    engine,
    insert: (table, row) => insertRow(engine, table, row),
    rowsOf: async (sql) => (await engine.query(sql)).rows,
  };
}

/** Inserts a row into the safe table; omitted columns are null. Values are SQL. */
export async function insertRow(
  engine: DuckdbEngine,
  table: Table,
  row: Readonly<Record<string, string>>,
): Promise<void> {
  const values = columnsIn(table, 'safe').map(({ name }) => row[name] ?? STANDARD[name] ?? 'NULL');
  await engine.execute(`INSERT INTO callhouse.${table.name} VALUES (${values.join(', ')})`);
}

/** Notes that the calls of these sources were read until an instant. */
export async function noteReadUntil(engine: DuckdbEngine, sources: readonly string[], until: string) {
  const counts = { requests: 1, records: 1, changed: 0, unchanged: 0, deleted: 0, rejected: 0 };
  const run = {
    account: 'default',
    stream: 'calls',
    status: 'ok',
    window_to: until,
    started_at: until,
    ended_at: until,
  };
  const rows = sources.map((source) => ({ load_id: `${source} ${until}`, source, ...run, ...counts }));
  await engine.execute(insertText(loads, rows));
}
