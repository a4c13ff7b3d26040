import { layoutOf } from '../layout.ts';
import type { Table } from '../table.ts';
import type { DatabaseColumn, DatabaseTable } from './database-tables.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { DUCKDB_TYPES, GLUE_STAGING_TYPES } from './sql-types.ts';

/** DuckDB statements that create a table, or add the columns that an older one lacks. They can be repeated safely. */
export function duckdbTable(table: DatabaseTable): readonly string[] {
  const name = qualifiedName(table);
  const columns = table.columns.map((column) => `${duckdbColumn(column)}${column.required ? ' NOT NULL' : ''}`);
  // A table with rows cannot gain a NOT NULL column, so a column that is added later accepts null.
  const added = table.columns.map((column) => `ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${duckdbColumn(column)}`);
  return [`CREATE TABLE IF NOT EXISTS ${name} (\n  ${columns.join(',\n  ')}\n)`, ...added];
}

/** DuckDB statement that creates a table whose key the database enforces, which costs an index. */
export function duckdbKeyedTable(table: DatabaseTable & { readonly key: readonly string[] }): string {
  const columns = table.columns.map((column) => `${duckdbColumn(column)}${column.required ? ' NOT NULL' : ''}`);
  const key = `PRIMARY KEY (${table.key.map(quoteName).join(', ')})`;
  return `CREATE TABLE ${qualifiedName(table)} (\n  ${[...columns, key].join(',\n  ')}\n)`;
}

/** DuckDB statements that write a table's or view's doc, and its columns' docs, as comments. */
export function duckdbComments(
  kind: 'TABLE' | 'VIEW',
  table: Pick<DatabaseTable, 'database' | 'name' | 'doc'> & {
    readonly columns: readonly Pick<DatabaseColumn, 'name' | 'doc' | 'unit'>[];
  },
): readonly string[] {
  const name = qualifiedName(table);
  return [
    `COMMENT ON ${kind} ${name} IS ${quoteText(table.doc)}`,
    ...table.columns.map(
      (column) => `COMMENT ON COLUMN ${name}.${quoteName(column.name)} IS ${quoteText(describeColumn(column))}`,
    ),
  ];
}

/** Columns of the external Glue table over a table's staged files, in the files' order. */
export function stagingColumns(
  table: Table,
): readonly { readonly name: string; readonly type: string; readonly doc: string }[] {
  return layoutOf(table).map(({ name, type, doc }) => ({ name, type: GLUE_STAGING_TYPES[type], doc }));
}

/** Partition columns of the external table. Athena computes them from the staged files' keys (partition projection). */
export const STAGING_PARTITIONS = [
  { name: 'acct', type: 'string', doc: "Account, from the file's key. A statement must name it." },
  { name: 'day', type: 'string', doc: "UTC day of the run's scheduled time, YYYY-MM-DD, from the file's key." },
] as const;

/** A column's doc followed by its unit. */
export function describeColumn({ doc, unit }: Pick<DatabaseColumn, 'doc' | 'unit'>): string {
  return unit === undefined ? doc : `${doc} Unit: ${unit}.`;
}

function qualifiedName({ database, name }: Pick<DatabaseTable, 'database' | 'name'>): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

function duckdbColumn({ name, type }: DatabaseColumn): string {
  return `${quoteName(name)} ${DUCKDB_TYPES[type]}`;
}
