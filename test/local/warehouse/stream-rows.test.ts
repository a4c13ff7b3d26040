import type { DuckDBConnection } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { duckdb } from '../../../local/warehouse/duckdb.ts';
import { collectRows } from '../../../local/warehouse/result-value.ts';
import { streamRows } from '../../../local/warehouse/stream-rows.ts';

const ROWS = 300_000;

async function connect(): Promise<DuckDBConnection> {
  const instance = await duckdb.DuckDBInstance.create(':memory:', { threads: '2' });
  return instance.connect();
}

const later = (value: string) =>
  `/* a comment */ SELECT CASE WHEN i = ${ROWS - 1} THEN ${value} ELSE 'x' END AS v FROM range(${ROWS}) r(i)`;

test.each([
  ["CAST(CAST(concat('secret', i) AS INT) AS VARCHAR)", 'Conversion Error'],
  ['CAST(9223372036854775807 + i AS VARCHAR)', 'Out of Range Error'],
  ["error('boom')", 'boom'],
])('a statement of which a later row fails (%s) fails, as if it had not begun', async (value, says) => {
  const connection = await connect();
  const { batches } = await streamRows(connection, later(value), undefined);
  let rows = 0;
  const read = async () => {
    for await (const batch of batches) rows += batch.length;
  };
  await expect(read()).rejects.toThrow(says);
  expect(rows).toBeGreaterThan(0);
  expect((await (await connection.run('SELECT 1')).getRows())[0]).toEqual([1]);
});

test('one that is interrupted while its rows are read says so', async () => {
  const connection = await connect();
  const stop = new AbortController();
  const { batches } = await streamRows(connection, `FROM range(${ROWS})`, stop.signal);
  const read = async () => {
    for await (const batch of batches) {
      expect(batch.length).toBeGreaterThan(0);
      stop.abort();
      connection.interrupt();
    }
  };
  await expect(read()).rejects.toThrow('interrupted');
});

test('a reader that leaves early, and statements that have no rows of a table', async () => {
  const connection = await connect();
  const { batches } = await streamRows(connection, `FROM range(${ROWS})`, undefined);
  for await (const batch of batches) if (batch.length > 0) break;
  for (const [sql, rows] of [
    ['DESCRIBE SELECT 1', 1],
    ['EXPLAIN SELECT 1', 1],
    ['SELECT 1 WHERE false', 0],
    ['COMMIT', 0],
    [`FROM range(${ROWS}); `, ROWS],
  ] as const)
    expect((await collectRows(await streamRows(connection, sql, undefined))).rows.length, sql).toBe(rows);
});
