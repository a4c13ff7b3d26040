import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { asCallhouseError } from '../../../local/warehouse/duckdb-errors.ts';

/** The error of a statement over a table with one text. */
async function errorOf(sql: string): Promise<string> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("CREATE TABLE calls AS SELECT 'zq-said {1}' AS summary");
  try {
    await (await connection.run(sql)).getRows();
    return 'none';
  } catch (error) {
    return asCallhouseError(error, 'calls.duckdb').message;
  }
}

test.each([
  'SELECT current_timestamp AT TIME ZONE summary FROM calls',
  'SELECT time_bucket(INTERVAL 1 DAY, current_timestamp, summary) FROM calls',
  'SELECT CAST(summary AS integer) FROM calls',
  'SELECT strptime(summary, summary) FROM calls',
  'SELECT error(summary) FROM calls',
])('an error quotes no value: %s', async (sql) => {
  const message = await errorOf(sql);
  expect(message).not.toBe('none');
  expect(message).not.toContain('zq');
});

test('an error says what to do if memory runs out', async () => {
  expect(await errorOf("SET memory_limit = '4MB'; SELECT list(range) FROM range(10000000)")).toBe(
    'warehouse calls.duckdb: the statement needs more memory than DuckDB may use here; narrow it, or free memory',
  );
});

test('an error quotes what the statement has', async () => {
  expect(await errorOf('SELECT summery FROM calls')).toContain('"summery"');
});
