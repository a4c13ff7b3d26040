import type { DuckDBConnection } from '@duckdb/node-api';
import { callVersions } from '../../schemas/call-versions.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { type HeldColumns, heldColumnsIn, selectHeldColumns } from './held-columns.ts';
import type { SafeSchema, SafeTable } from './safe-schema.ts';

/** The name under which the copy is attached while it is written. */
export const TARGET = 'published';

/** Creates the tables and views of the copy, and fills them. @param source name under which the warehouse is attached */
export async function copyAll(connection: DuckDBConnection, source: string, schema: SafeSchema): Promise<void> {
  await connection.run(`USE ${TARGET}`);
  // One transaction, because DuckDB would otherwise write and sync each of hundreds of comments separately.
  await connection.run(['BEGIN', ...schema.statements, 'COMMIT'].join(';\n'));
  const held = await heldColumnsIn(connection, source);
  for (const table of schema.tables) {
    const rows = rowsOf(table, source, held);
    if (rows) await connection.run(`INSERT INTO ${inTarget(table)} (${columnsOf(table)}) ${rows}`);
  }
}

/**
 * Brings a copy up to date with rows that were loaded since. Numbers of commits only grow, and each table is loaded from one stream
 * per account, so a row that changed has a greater `_seq` than all rows of its account in the copy.
 */
export async function copyChanges(connection: DuckDBConnection, source: string, schema: SafeSchema): Promise<void> {
  const held = await heldColumnsIn(connection, source);
  // The rows of a run come with its row in `loads`, which is therefore copied last.
  for (const table of schema.tables.filter(({ name }) => name !== 'loads'))
    await copyChanged(connection, table, rowsOf(table, source, held));
  for (const table of schema.tables.filter(({ name }) => name === 'loads'))
    await copyChanged(connection, table, rowsOf(table, source, held));
}

/** @param rows query for all rows of the table; undefined if the warehouse lacks it */
async function copyChanged(connection: DuckDBConnection, table: SafeTable, rows: string | undefined): Promise<void> {
  if (!rows) return;
  const target = inTarget(table);
  const sameKey = table.key.map((name) => `c.${quoteName(name)} = p.${quoteName(name)}`).join(' AND ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE changed AS ${rows} ${changedIn(table)}`);
  await connection.run(
    [
      'BEGIN',
      `DELETE FROM ${target} p USING temp.changed c WHERE ${sameKey}`,
      `INSERT INTO ${target} (${columnsOf(table)}) SELECT * FROM temp.changed`,
      'COMMIT',
      'DROP TABLE temp.changed',
    ].join(';\n'),
  );
}

/** The condition of rows that the copy lacks. */
function changedIn(table: SafeTable): string {
  const names = new Set(table.columns.map(({ name }) => name));
  if (names.has('_seq'))
    return `WHERE s."_seq" > coalesce((SELECT max(p."_seq") FROM ${inTarget(table)} p WHERE p."account" = s."account"), -1)`;
  if (table.name === callVersions.name)
    return `WHERE s."seq" > coalesce((SELECT max(p."seq") FROM ${inTarget(table)} p WHERE p."source" = s."source" AND p."account" = s."account"), -1)`;
  if (names.has('load_id')) return `WHERE s."load_id" NOT IN (SELECT load_id FROM ${TARGET}.main."loads")`;
  if (names.has('checked_at'))
    return `WHERE s."checked_at" > coalesce((SELECT max(p."checked_at") FROM ${inTarget(table)} p), TIMESTAMP '1970-01-01')`;
  return '';
}

function rowsOf(table: SafeTable, source: string, held: HeldColumns): string | undefined {
  return selectHeldColumns({ ...table, database: DATABASES.safe }, source, held);
}

function inTarget({ name }: SafeTable): string {
  return `${TARGET}.main.${quoteName(name)}`;
}

function columnsOf({ columns }: SafeTable): string {
  return columns.map(({ name }) => quoteName(name)).join(', ');
}
