import { expect, test } from 'vitest';
import { type FindPorts, findRecords } from '../../../functions/erase/find-records.ts';
import { headers } from '../../../functions/source/auth.ts';
import { defineSource } from '../../../functions/source/source.ts';
import { bigint, id } from '../../../schemas/column.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { listOf } from '../../../schemas/json-text.ts';
import { defineTable } from '../../../schemas/table.ts';
import postbox from '../../fixtures/sources/postbox.ts';

const calls = defineTable({
  name: 'nova_calls',
  source: 'nova',
  doc: 'Calls.',
  key: ['id'],
  columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }) },
});
/** Child rows whose declaration names no other table. */
const legs = defineTable({
  name: 'nova_legs',
  source: 'nova',
  doc: 'Legs of calls.',
  key: ['call', 'leg'],
  removal: 'with-parent',
  explode: ({ legs: list }) => listOf(list),
  columns: {
    call: id({ path: '^id', nullable: false, doc: 'Call.' }),
    leg: bigint({ path: 'leg', nullable: false, doc: 'Number of the leg.' }),
  },
});
const nova = defineSource({
  name: 'nova',
  baseUrl: 'https://nova.example',
  auth: headers({ 'x-key': 'NOVA_KEY' }),
  streams: {
    calls: {
      kind: 'collection',
      tables: [calls, legs],
      path: '/calls',
      pageSize: 10,
      order: ['id'],
      tiers: [{ every: '1h', back: '1d' }],
      ask: ({ page }) => ({ query: { page } }),
      answer: { records: 'data' },
    },
  },
});

/** An engine of which only queries are used: it gives each table the rows named here. */
function portsWith(tables: Readonly<Record<string, readonly (readonly string[])[]>>): FindPorts {
  const query = async (sql: string) => {
    const name = Object.keys(tables).find((one) => sql.includes(`."${one}" `)) ?? '';
    return { columns: [], rows: tables[name] ?? [] };
  };
  return { engine: { query } as unknown as FindPorts['engine'], databases: DATABASES };
}

test.each([
  ['child rows', nova, { nova_calls: [['c1']], nova_legs: [['c1', '1', 'c1']] }, { nova_calls: 1, nova_legs: 1 }],
  [
    'details and their child rows',
    postbox,
    {
      postbox_calls: [['c1']],
      postbox_call_details: [['c1', 'c1']],
      postbox_call_turns: [
        ['c1', '1', 'c1'],
        ['c1', '2', 'c1'],
      ],
    },
    { postbox_calls: 1, postbox_call_details: 1, postbox_call_turns: 2 },
  ],
])(
  '%s are found with their record, also if their declaration names no other table',
  async (_what, source, rows, counts) => {
    const stream = source.streams['calls'];
    if (!stream) throw new Error('no stream');
    const [table] = stream.tables;
    const holder = { of: 'calls', table, key: ['id'], columns: ['id'], values: ['c1'] };
    const wanted = { source, account: 'default', stream, name: 'calls', holders: [holder] };
    const found = await findRecords(wanted, portsWith(rows));
    expect(Object.fromEntries([...(found?.keys ?? [])].map(([{ name }, keys]) => [name, keys.size]))).toEqual(counts);
  },
);
