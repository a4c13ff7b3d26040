import { expect, test } from 'vitest';
import { isReading } from '../../../local/aws/statement-type.ts';

test.each([
  'select 1',
  '-- who called\n( select 1 ) union select 2',
  '/* ; */ with a as (select 1), b (x) as (select * from a) select * from b',
  'WITH RECURSIVE t(n) AS (VALUES 1) SELECT n FROM t',
  'values 1, 2',
  'table calls',
  'show tables in callhouse',
  'describe calls',
  'explain select 1',
  'explain (format json) with a as (select 1) select * from a',
  'explain analyze verbose select 1',
  'select \'insert into x; drop table y\', "delete" from calls -- ; drop table x',
])('%j reads', (sql) => {
  expect(isReading(sql)).toBe(true);
});

test.each([
  '',
  'insert into x select 1',
  '/* select */ insert into x select 1',
  '-- select\ndelete from calls',
  'with a as (select 1) insert into x select * from a',
  'with a as (select 1), b as (select 2) /* select */ delete from calls',
  'explain/**/analyze insert into x select 1',
  'explain analyze with a as (select 1) merge into x using a on true when matched then delete',
  "unload (select 1) to 's3://x'",
  'create table x as select 1',
  'msck repair table x',
  'select 1; drop table calls',
  'with a as (select 1',
  'call system.sync()',
  'optimize calls rewrite data using bin_pack',
])('%j may change something', (sql) => {
  expect(isReading(sql)).toBe(false);
});
