import type { ColumnType } from '../column.ts';

/** Column types of DuckDB tables. */
export const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  decimal: 'DECIMAL(18,6)',
  json: 'VARCHAR',
  doubles: 'DOUBLE[]',
};

/** Types of staged files' columns as DuckDB reads them. Decimals are staged as text (see `PHYSICAL` in `layout.ts`). */
export const DUCKDB_STAGING_TYPES: Readonly<Record<ColumnType, string>> = { ...DUCKDB_TYPES, decimal: 'VARCHAR' };

/**
 * Column types in the Glue catalog.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/data-types.html}
 */
export const GLUE_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'string',
  bigint: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  decimal: 'decimal(18,6)',
  json: 'string',
  doubles: 'array<double>',
};

/** Types of staged files' columns in the Glue catalog. Decimals are staged as text. */
export const GLUE_STAGING_TYPES: Readonly<Record<ColumnType, string>> = { ...GLUE_TYPES, decimal: 'string' };

/** Types in statements that run on both Athena and DuckDB, and of a view's columns on Athena. */
export const QUERY_TYPES: Readonly<Record<Exclude<ColumnType, 'doubles'>, string>> = {
  text: 'varchar',
  bigint: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp(6)',
  date: 'date',
  decimal: 'decimal(18,6)',
  json: 'varchar',
};
