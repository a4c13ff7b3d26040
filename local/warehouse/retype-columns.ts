import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { DUCKDB_TYPES } from '../../schemas/derive/sql-types.ts';
import type { Table } from '../../schemas/table.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * Gives the columns of existing tables the types that are declared now. A load into a column of an earlier type would round values, or fail.
 * A value that does not fit becomes null; a replay makes it again from the vendor's answer.
 * @returns names of the columns, with their tables
 */
export async function retypeColumns(tables: readonly Table[], { run }: DuckdbSession): Promise<readonly string[]> {
  const result = await run('SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()');
  const held = new Map(
    (await result.getRows()).map(([schema, table, name, type]) => [`${schema}.${table}.${name}`, type]),
  );
  const retyped: string[] = [];
  for (const table of databaseTablesOf(tables)) {
    for (const { name, type } of table.columns) {
      const found = held.get(`${table.database}.${table.name}.${name}`);
      if (found === undefined || found === DUCKDB_TYPES[type]) continue;
      await run(retypeText(table, name, DUCKDB_TYPES[type]));
      retyped.push(`${table.name}.${name}`);
    }
  }
  return [...new Set(retyped)];
}

/** Not every type can be cast to every other one, but each to a text, and from it. */
function retypeText({ database, name: table }: DatabaseTable, column: string, type: string): string {
  const name = quoteName(column);
  return `ALTER TABLE ${quoteName(database)}.${quoteName(table)} ALTER COLUMN ${name} TYPE ${type} USING TRY_CAST(CAST(${name} AS VARCHAR) AS ${type})`;
}
