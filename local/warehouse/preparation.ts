import { createHash } from 'node:crypto';
import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import type { Databases } from '../../schemas/derive/databases.ts';
import { duckdbComments, duckdbTable } from '../../schemas/derive/ddl.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { createView, databaseViewOf } from '../../schemas/derive/view-sql.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { View } from '../../schemas/views/view.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';

/** What creates or extends the declared tables and views in a DuckDB file. All statements can be repeated safely. */
export interface Preparation {
  readonly tables: readonly string[];
  /** Views by qualified name, each after those that it reads. */
  readonly views: readonly { readonly name: string; readonly statements: readonly string[] }[];
  /** Hash of all statements, which shows whether they already ran. */
  readonly hash: string;
}

/** The statements of the declared tables and views. */
export function preparation(tables: readonly Table[], settings: ViewSettings, databases: Databases): Preparation {
  const databaseTables = databaseTablesOf(tables, databases);
  const declared = viewsFor(tables, settings, databases);
  const views = [
    ...declared.map((view) => ({
      name: `${databases.safe}.${view.name}`,
      statements: viewStatements(view, databases),
    })),
    ...[
      ...databaseTables.filter(({ database }) => database === databases.safe),
      ...declared.map((view) => databaseViewOf(view, databases)),
    ].map((table) => ({ name: `main.${table.name}`, statements: passThrough(table) })),
  ];
  const statements = [
    ...Object.values(databases).map((database) => `CREATE SCHEMA IF NOT EXISTS ${quoteName(database)}`),
    ...databaseTables.flatMap((table) => [...duckdbTable(table), ...duckdbComments('TABLE', table)]),
    ...tables.flatMap((table) => dropSensitive(table, databases)),
  ];
  const text = [...statements, ...views.flatMap((view) => view.statements)].join(';\n');
  return { tables: statements, views, hash: createHash('sha256').update(text).digest('hex') };
}

/** A column that an earlier version declared as not sensitive leaves `callhouse`. */
function dropSensitive(table: Table, { safe }: Databases): readonly string[] {
  const kept = new Set(columnsIn(table, 'safe').map(({ name }) => name));
  return columnsIn(table, 'phi')
    .filter(({ name }) => !kept.has(name))
    .map(
      ({ name }) =>
        `ALTER TABLE IF EXISTS ${quoteName(safe)}.${quoteName(table.name)} DROP COLUMN IF EXISTS ${quoteName(name)}`,
    );
}

function viewStatements(view: View, databases: Databases): readonly string[] {
  return [createView(view, databases), ...duckdbComments('VIEW', databaseViewOf(view, databases))];
}

/** A view in `main` of a table or view in `callhouse`, so that `select count(*) from calls` works in any client. */
function passThrough(table: DatabaseTable): readonly string[] {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
  const source = `${quoteName(table.database)}.${quoteName(table.name)}`;
  return [
    `CREATE OR REPLACE VIEW main.${quoteName(table.name)} AS SELECT ${columns} FROM ${source}`,
    ...duckdbComments('VIEW', { ...table, database: 'main' }),
  ];
}
