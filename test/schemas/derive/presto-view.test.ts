import { expect, test } from 'vitest';
import { EXPANDED_TEXT, prestoView } from '../../../schemas/derive/presto-view.ts';
import { viewSelect } from '../../../schemas/derive/view-sql.ts';
import { decimal, text, timestamp, type View } from '../../../schemas/views/view.ts';

const view: View = {
  name: 'calls',
  doc: 'Calls.',
  key: ['call_id'],
  columns: { call_id: text('Id.', "'é'"), started_at: timestamp('Start.'), cost: decimal('Cost.') },
  from: 'FROM "callhouse"."kalem_calls"',
};

test('prestoView encodes the query and its column types as JSON in base64, as Trino reads them', () => {
  const [, base64 = ''] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(prestoView(view, 'callhouse')) ?? [];
  expect(JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))).toEqual({
    originalSql: viewSelect(view),
    catalog: 'awsdatacatalog',
    schema: 'callhouse',
    columns: [
      { name: 'call_id', type: 'varchar' },
      { name: 'started_at', type: 'timestamp(6)' },
      { name: 'cost', type: 'decimal(18,6)' },
    ],
  });
});

test('the expanded text is the comment by which Trino recognizes its views', () => {
  expect(EXPANDED_TEXT).toBe('/* Presto View */');
});
