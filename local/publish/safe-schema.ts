import { createHash } from 'node:crypto';
import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { duckdbComments, duckdbKeyedTable } from '../../schemas/derive/ddl.ts';
import { createView, databaseViewOf } from '../../schemas/derive/view-sql.ts';
import { OWN_TABLES } from '../../schemas/own-tables.ts';
import type { Table } from '../../schemas/table.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';

/** A table of the safe half and its key. */
export interface SafeTable extends DatabaseTable {
  readonly key: readonly string[];
}

/** What the published copy consists of. */
export interface SafeSchema {
  readonly tables: readonly SafeTable[];
  /** Statements that create tables, views and comments in an empty database. */
  readonly statements: readonly string[];
  /** Hash of the statements. */
  readonly hash: string;
}

/**
 * Everything of `callhouse` is in schema `main` of the copy: DuckDB names a database after its file, and refuses a schema of the same
 * name as ambiguous. So both `calls` and `callhouse.calls` find the view in `callhouse.duckdb`.
 */
const DATABASES = { safe: 'main', phi: 'main_phi', staging: 'main_staging' };

/** The tables and views of the safe half. Tables declare their keys, which BI tools show as relations. */
export function safeSchema(declared: readonly Table[], settings: ViewSettings): SafeSchema {
  const keys = new Map([
    ...declared.map(({ name, key }) => [name, ['account', ...key]] as const),
    ...OWN_TABLES.map(({ name, key }) => [name, key] as const),
  ]);
  const tables = databaseTablesOf(declared, DATABASES)
    .filter(({ database }) => database === DATABASES.safe)
    .map((table) => ({ ...table, key: keys.get(table.name) ?? [] }));
  const views = viewsFor(declared, settings, DATABASES);
  const statements = [
    ...tables.flatMap((table) => [duckdbKeyedTable(table), ...duckdbComments('TABLE', table)]),
    ...views.flatMap((view) => [
      createView(view, DATABASES),
      ...duckdbComments('VIEW', databaseViewOf(view, DATABASES)),
    ]),
  ];
  return { tables, statements, hash: createHash('sha256').update(statements.join(';\n')).digest('hex') };
}
