import { expect, test } from 'vitest';
import { duckdb } from '../../../local/warehouse/duckdb.ts';
import { judgeExpression } from '../../../local/warehouse/judge-expression.ts';
import { everySource } from '../../helpers/every-source.ts';

const SHARED = [
  'lower(direction)',
  "'USD'",
  '"end"',
  "'a::b ilike c->d [1:2] / x'",
  "CASE WHEN lower(status) IN ('done', 'over') THEN TRUE WHEN status LIKE 'no%' THEN FALSE END",
  'duration_ms / 1e3',
  'duration_ms / 1000.5',
  '-price',
  'price / nullif(duration_ms, 0)',
  'TRY_CAST(status AS double)',
  "TRY_CAST(replace(status, ',', '.') AS decimal(18,6))",
  'CAST(duration_ms AS varchar)',
  'TRY_CAST(trim(status) AS bigint) * 60',
  "date_diff('millisecond', started_at, ended_at) / 1e3",
  "started_at + INTERVAL '1' DAY",
  "coalesce(nullif(trim(status), ''), direction) || '-' || substr(direction, 1, 2)",
  'EXTRACT(hour FROM started_at)',
  "split_part(status, '/', 1)",
  'if(price > 0, price, 0)',
];

test('what both engines read and compute alike is right, and DuckDB computes it', async () => {
  expect(SHARED.map((expression) => [expression, judgeExpression(expression)])).toEqual(
    SHARED.map((expression) => [expression, undefined]),
  );
  const instance = await duckdb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    'CREATE TABLE t (status VARCHAR, direction VARCHAR, duration_ms BIGINT, price DECIMAL(18,6), started_at TIMESTAMP, ended_at TIMESTAMP, "end" VARCHAR)',
  );
  for (const expression of SHARED) await connection.run(`SELECT ${expression} FROM t`);
  connection.closeSync();
  instance.closeSync();
});

test.each([
  ['duration::double', 'Athena has no ::'],
  ["status ILIKE 'no%'", 'Athena has no ILIKE'],
  ["regexp_matches(status, 'x')", 'regexp_matches is none of the functions'],
  ['concat(a, b)', 'concat is none of the functions'],
  ['greatest(a, b)', 'greatest is none of the functions'],
  ["payload ->> '$.a'", 'an operator that Athena does not have'],
  ['duration // 2', 'an operator that Athena does not have'],
  ['status[1:2]', 'Athena has no [from:to]'],
  ['started_at + INTERVAL 1 DAY', 'Athena has no such INTERVAL'],
  ["started_at + INTERVAL '1 day'", 'Athena has no such INTERVAL'],
  ['EXTRACT(dow FROM started_at)', 'the engines differ'],
  ["date_diff('second', started_at, ended_at)", "date_diff('millisecond', a, b)"],
  ['CAST(status AS double)', 'TRY_CAST makes it null'],
  ["lower(CAST(replace(status, ')', '') AS bigint))", 'TRY_CAST makes it null'],
  ['TRY_CAST(status AS text)', 'Athena has no type text'],
  ['TRY_CAST(status AS float8)', 'Athena has no type float8'],
  ['price / duration', 'nullif(x, 0)'],
  ['duration % other', 'nullif(x, 0)'],
])('%s is refused: %s', (expression, seen) => expect(judgeExpression(expression)).toContain(seen));

test('every source of the project and of the tests passes', async () => {
  const found = (await everySource()).flatMap(({ streams }) =>
    Object.values(streams).flatMap(({ tables }) =>
      tables.flatMap(({ calls }) => Object.values(calls ?? {}).map(judgeExpression)),
    ),
  );
  expect(found.length).toBeGreaterThan(50);
  expect(found.filter((one) => one !== undefined)).toEqual([]);
});
