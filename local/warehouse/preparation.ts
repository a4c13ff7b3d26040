import { createHash } from 'node:crypto';
import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import type { Databases } from '../../schemas/derive/databases.ts';
import { duckdbComments, duckdbTable } from '../../schemas/derive/ddl.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { createView, databaseViewOf } from '../../schemas/derive/view-sql.ts';
import type { Table } from '../../schemas/table.ts';
import type { View } from '../../schemas/views/view.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';

/** Repeatable statements that create or extend the declared tables and views in a DuckDB file, and their hash, which shows whether they already ran. */
export function preparation(tables: readonly Table[], settings: ViewSettings, databases: Databases) {
  const databaseTables = databaseTablesOf(tables, databases);
  const views = viewsFor(tables, settings, databases);
  const statements = [
    ...Object.values(databases).map((database) => `CREATE SCHEMA IF NOT EXISTS ${quoteName(database)}`),
    ...databaseTables.flatMap((table) => [...duckdbTable(table), ...duckdbComments('TABLE', table)]),
    ...views.flatMap((view) => viewStatements(view, databases)),
    ...passThroughs([
      ...databaseTables.filter(({ database }) => database === databases.safe),
      ...views.map((view) => databaseViewOf(view, databases)),
    ]),
  ];
  return { statements, hash: createHash('sha256').update(statements.join(';\n')).digest('hex') };
}

function viewStatements(view: View, databases: Databases): readonly string[] {
  return [createView(view, databases), ...duckdbComments('VIEW', databaseViewOf(view, databases))];
}

/** Views in `main` of everything in `callhouse`, so that `select count(*) from calls` works in any client. */
function passThroughs(tables: readonly DatabaseTable[]): readonly string[] {
  return tables.flatMap((table) => {
    const columns = table.columns.map(({ name }) => quoteName(name)).join(', ');
    const source = `${quoteName(table.database)}.${quoteName(table.name)}`;
    return [
      `CREATE OR REPLACE VIEW main.${quoteName(table.name)} AS SELECT ${columns} FROM ${source}`,
      ...duckdbComments('VIEW', { ...table, database: 'main' }),
    ];
  });
}
