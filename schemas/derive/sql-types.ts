import type { ColumnType } from '../column.ts';

/** Types of DuckDB's tables. */
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

/** Types of staged files as DuckDB reads them: money lies there as text. */
export const DUCKDB_STAGING_TYPES: Readonly<Record<ColumnType, string>> = { ...DUCKDB_TYPES, decimal: 'VARCHAR' };

/** Types in Athena's data definition statements and in the Glue catalog. */
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

/** Types of the external table over staged files: money lies there as text. */
export const GLUE_STAGING_TYPES: Readonly<Record<ColumnType, string>> = { ...GLUE_TYPES, decimal: 'string' };

/** Types in queries that run on both engines, and of a view's columns on Athena. */
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
