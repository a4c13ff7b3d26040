import { expect, test } from 'vitest';
import {
  DUCKDB_STAGING_TYPES,
  DUCKDB_TYPES,
  GLUE_STAGING_TYPES,
  GLUE_TYPES,
  QUERY_TYPES,
} from '../../../schemas/derive/sql-types.ts';

test.each([
  ['text', 'VARCHAR', 'string', 'varchar'],
  ['json', 'VARCHAR', 'string', 'varchar'],
  ['bigint', 'BIGINT', 'bigint', 'bigint'],
  ['double', 'DOUBLE', 'double', 'double'],
  ['boolean', 'BOOLEAN', 'boolean', 'boolean'],
  ['timestamp', 'TIMESTAMP', 'timestamp', 'timestamp(6)'],
  ['date', 'DATE', 'date', 'date'],
  ['decimal', 'DECIMAL(18,6)', 'decimal(18,6)', 'decimal(18,6)'],
] as const)('%s is %s in DuckDB, %s in Glue and %s in queries', (type, duckdb, glue, query) => {
  expect([DUCKDB_TYPES[type], GLUE_TYPES[type], QUERY_TYPES[type]]).toEqual([duckdb, glue, query]);
});

test('doubles is a list in DuckDB and Glue; no view has such a column', () => {
  expect([DUCKDB_TYPES.doubles, GLUE_TYPES.doubles]).toEqual(['DOUBLE[]', 'array<double>']);
  expect(QUERY_TYPES).not.toHaveProperty('doubles');
});

test('staged files hold decimals as text, and every other type as tables do', () => {
  expect(DUCKDB_STAGING_TYPES).toEqual({ ...DUCKDB_TYPES, decimal: 'VARCHAR' });
  expect(GLUE_STAGING_TYPES).toEqual({ ...GLUE_TYPES, decimal: 'string' });
});
