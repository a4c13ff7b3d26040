import { layoutOf } from '../layout.ts';
import type { Table } from '../table.ts';
import type { Shape, ShapeColumn } from './shape.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { DUCKDB_TYPES, GLUE_STAGING_TYPES, GLUE_TYPES } from './sql-types.ts';

/** DuckDB statements that make a table, or add what an older one lacks; safe to repeat. */
export function duckdbTable(shape: Shape): readonly string[] {
  const name = qualifiedName(shape);
  const columns = shape.columns.map((column) => `${duckdbColumn(column)}${column.required ? ' NOT NULL' : ''}`);
  // A table with rows cannot gain a required column: one added later may be null.
  const added = shape.columns.map((column) => `ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${duckdbColumn(column)}`);
  return [`CREATE TABLE IF NOT EXISTS ${name} (\n  ${columns.join(',\n  ')}\n)`, ...added];
}

/** DuckDB statements that document a table or view and its columns. */
export function duckdbComments(
  kind: 'TABLE' | 'VIEW',
  shape: Pick<Shape, 'database' | 'name' | 'doc'> & {
    readonly columns: readonly Pick<ShapeColumn, 'name' | 'doc' | 'unit'>[];
  },
): readonly string[] {
  const name = qualifiedName(shape);
  return [
    `COMMENT ON ${kind} ${name} IS ${quoteText(shape.doc)}`,
    ...shape.columns.map(
      (column) => `COMMENT ON COLUMN ${name}.${quoteName(column.name)} IS ${quoteText(describeColumn(column))}`,
    ),
  ];
}

/** Athena statement that makes an Iceberg table where deployment cannot. `location` is an S3 prefix. */
export function icebergTable(shape: Shape, location: string): string {
  const columns = shape.columns.map(
    (column) => `\`${column.name}\` ${GLUE_TYPES[column.type]} COMMENT ${quoteText(describeColumn(column))}`,
  );
  return [
    `CREATE TABLE IF NOT EXISTS \`${shape.database}\`.\`${shape.name}\` (`,
    `  ${columns.join(',\n  ')}`,
    ')',
    ...(shape.partitioned ? ['PARTITIONED BY (`account`, month(`_part_on`))'] : []),
    `LOCATION ${quoteText(location)}`,
    "TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')",
  ].join('\n');
}

/** Athena statement that adds columns to an Iceberg table. */
export function icebergAddColumns(shape: Shape, names: readonly string[]): string {
  const columns = shape.columns.filter(({ name }) => names.includes(name));
  const list = columns.map(({ name, type }) => `\`${name}\` ${GLUE_TYPES[type]}`);
  return `ALTER TABLE \`${shape.database}\`.\`${shape.name}\` ADD COLUMNS (${list.join(', ')})`;
}

/** Columns of the external table over a table's staged files, in the order they lie there. */
export function stagingColumns(
  table: Table,
): readonly { readonly name: string; readonly type: string; readonly doc: string }[] {
  return layoutOf(table).map(({ name, type, doc }) => ({ name, type: GLUE_STAGING_TYPES[type], doc }));
}

/** Partition columns of the external table, projected from the staged files' keys. */
export const STAGING_PARTITIONS = [
  { name: 'acct', type: 'string', doc: 'Account, as the files are foldered.' },
  { name: 'day', type: 'string', doc: "UTC day of the run's scheduled time, YYYY-MM-DD." },
] as const;

/** `"database"."name"`. */
export function qualifiedName({ database, name }: Pick<Shape, 'database' | 'name'>): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

/** A column's sentence, with its unit. */
export function describeColumn({ doc, unit }: Pick<ShapeColumn, 'doc' | 'unit'>): string {
  return unit === undefined ? doc : `${doc} Unit: ${unit}.`;
}

function duckdbColumn({ name, type }: ShapeColumn): string {
  return `${quoteName(name)} ${DUCKDB_TYPES[type]}`;
}
