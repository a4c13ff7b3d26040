import type { DuckDBConnection } from '@duckdb/node-api';
import type { DatabaseTable } from '../../schemas/derive/database-tables.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { DUCKDB_TYPES } from '../../schemas/derive/sql-types.ts';

/**
 * What an attached file holds: the types of the columns, by `schema.name` of tables and views. Until the next load, a warehouse lacks what
 * was declared since the last one.
 */
export type HeldColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads what a file holds. @param source name under which it is attached */
export async function heldColumnsIn(connection: DuckDBConnection, source: string): Promise<HeldColumns> {
  const sql = `SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ${quoteText(source)}`;
  const held = new Map<string, Map<string, string>>();
  for (const [name, column, type] of await (await connection.run(sql)).getRows()) {
    const columns = held.get(String(name)) ?? new Map<string, string>();
    held.set(String(name), columns.set(String(column), String(type)));
  }
  return held;
}

/**
 * Query for the declared columns of a table as `s`, with null for a column that the file lacks, and for a value of an earlier type that does
 * not fit.
 * @param source name under which the file is attached
 * @returns undefined if the file lacks the table
 */
export function selectHeldColumns(
  { database, name, columns }: Pick<DatabaseTable, 'database' | 'name' | 'columns'>,
  source: string,
  held: HeldColumns,
): string | undefined {
  const found = held.get(`${database}.${name}`);
  if (!found) return undefined;
  const values = columns.map((column) => {
    const [own, type, wanted] = [quoteName(column.name), found.get(column.name), DUCKDB_TYPES[column.type]];
    if (type === wanted) return own;
    const value = type === undefined ? `CAST(NULL AS ${wanted})` : `TRY_CAST(CAST(${own} AS VARCHAR) AS ${wanted})`;
    return `${value} AS ${own}`;
  });
  return `SELECT ${values.join(', ')} FROM ${quoteName(source)}.${quoteName(database)}.${quoteName(name)} s`;
}
