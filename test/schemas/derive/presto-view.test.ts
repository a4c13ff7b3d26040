import { expect, test } from 'vitest';
import { prestoView, viewSql } from '../../../schemas/derive/presto-view.ts';
import { decimal, text, timestamp, type View } from '../../../schemas/views/view.ts';

const view: View = {
  name: 'calls',
  doc: 'Calls.',
  columns: { call_id: text('Id.'), started_at: timestamp('Start.'), cost: decimal('Cost.') },
  body: 'SELECT call_id, started_at, cost FROM "callhouse"."kalem_calls"',
};

test('a view casts every column to the type its entry declares', () => {
  expect(viewSql(view)).toBe(
    [
      'SELECT',
      '  CAST("call_id" AS varchar) AS "call_id",',
      '  CAST("started_at" AS timestamp(6)) AS "started_at",',
      '  TRY_CAST("cost" AS decimal(18,6)) AS "cost"',
      'FROM (',
      view.body,
      ') v',
    ].join('\n'),
  );
});

test('a view stands in the catalog as Athena and Trino read it', () => {
  const [, base64 = ''] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(prestoView(view, 'callhouse')) ?? [];
  expect(JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))).toEqual({
    originalSql: viewSql(view),
    catalog: 'awsdatacatalog',
    schema: 'callhouse',
    columns: [
      { name: 'call_id', type: 'varchar' },
      { name: 'started_at', type: 'timestamp(6)' },
      { name: 'cost', type: 'decimal(18,6)' },
    ],
  });
});
