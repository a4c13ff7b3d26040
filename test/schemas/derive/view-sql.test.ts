import { describe, expect, test } from 'vitest';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { castForView, createView, databaseViewOf, viewSelect } from '../../../schemas/derive/view-sql.ts';
import { bigint, text, type View } from '../../../schemas/views/view.ts';

const view: View = {
  name: 'calls',
  doc: 'Calls.',
  key: ['call_id'],
  columns: { call_id: text('Id.'), minutes: bigint('Length.', 'min', 'seconds / 60') },
  from: 'FROM "callhouse"."kalem_calls"',
};
const SELECT = `SELECT
  CAST(q."call_id" AS varchar) AS "call_id",
  TRY_CAST(q."minutes" AS bigint) AS "minutes"
FROM (
SELECT
  "call_id" AS "call_id",
  seconds / 60 AS "minutes"
FROM "callhouse"."kalem_calls"
) q`;

test('viewSelect casts every column to its declared type', () => {
  expect(viewSelect(view)).toBe(SELECT);
});

describe('castForView', () => {
  test.each([
    ['text', 'CAST(x AS varchar)'],
    ['json', 'CAST(x AS varchar)'],
    ['boolean', 'CAST(x AS boolean)'],
    ['timestamp', 'CAST(x AS timestamp(6))'],
    ['date', 'CAST(x AS date)'],
    ['bigint', 'TRY_CAST(x AS bigint)'],
    ['decimal', 'TRY_CAST(x AS decimal(18,6))'],
    ['double', 'CASE WHEN abs(TRY_CAST(x AS double)) <= 1.7976931348623157e308 THEN TRY_CAST(x AS double) END'],
  ] as const)('casts to %s; a number that does not fit becomes null', (type, expected) => {
    expect(castForView('x', type)).toBe(expected);
  });

  test('accepts the greatest finite double', () => {
    expect(Number(/<= (\S+) /.exec(castForView('x', 'double'))?.[1])).toBe(Number.MAX_VALUE);
  });
});

test('createView creates or replaces the view in the safe database', () => {
  expect(createView(view)).toBe(`CREATE OR REPLACE VIEW "callhouse"."calls" AS\n${SELECT}`);
  expect(createView(view, databasesOf('clinic'))).toMatch(/^CREATE OR REPLACE VIEW "clinic"\."calls" AS\n/);
});

test('databaseViewOf describes a view as a table without required columns or partitions', () => {
  expect(databaseViewOf(view, databasesOf('clinic'))).toEqual({
    database: 'clinic',
    name: 'calls',
    doc: 'Calls. Key: call_id.',
    columns: [
      { name: 'call_id', type: 'text', doc: 'Id.', required: false },
      { ...{ name: 'minutes', type: 'bigint', doc: 'Length.', unit: 'min', sql: 'seconds / 60' }, required: false },
    ],
  });
});
