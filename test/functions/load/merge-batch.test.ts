import { describe, expect, test } from 'vitest';
import { load } from '../../../functions/load/load.ts';
import type { Engine } from '../../../functions/ports.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const PLAN = { streams: [{ ...ID, tables: [sampleCalls] }], accounts: { sample: ['default'] } };

describe('a batch', () => {
  test('is inserted, each key once, if the table holds none of its rows, and merged if it holds one', async () => {
    const { store, open } = testWarehouse(await temporaryFolder());
    const engine = open();
    const run = () => load(PLAN, { store, engine: { ...engine, execute }, log: noLog, now: Date.now });
    const statements: string[] = [];
    const execute: Engine['execute'] = (sql, token) => {
      statements.push(sql.split('\n', 1)[0] ?? '');
      return engine.execute(sql, token);
    };
    const twice = [
      { id: 'a', order: 1n, status: 'first' },
      { id: 'b', order: 1n, status: 'only' },
      { id: 'a', order: 1n, status: 'second' },
    ];
    await commitRun(store, ID, { n: 1, rows: [{ table: sampleCalls, rows: twice }] });
    await commitRun(store, ID, {
      n: 2,
      rows: [{ table: sampleCalls, rows: [{ id: 'b', order: 1n, status: 'later' }] }],
    });
    expect((await run()).changed).toEqual({
      'callhouse_phi.sample_calls': 2,
      'callhouse.sample_calls': 2,
    });
    const rows = [
      {
        table: sampleCalls,
        rows: [
          { id: 'b', order: 1n, status: 'last' },
          { id: 'c', order: 1n },
        ],
      },
    ];
    await commitRun(store, ID, { n: 3, rows });
    await run();
    expect(statements.filter((line) => line.includes('sample_calls'))).toEqual([
      'INSERT INTO "callhouse_phi"."sample_calls"',
      'INSERT INTO "callhouse"."sample_calls"',
      'MERGE INTO "callhouse_phi"."sample_calls" t',
      'MERGE INTO "callhouse"."sample_calls" t',
    ]);
    expect((await engine.query('SELECT id, status FROM callhouse.sample_calls ORDER BY id')).rows).toEqual([
      ['a', 'second'],
      ['b', 'last'],
      ['c', null],
    ]);
    await engine.close();
  });
});
