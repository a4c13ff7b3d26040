import { describe, expect, test } from 'vitest';
import { load } from '../../../functions/load/load.ts';
import type { Engine } from '../../../functions/ports.ts';
import { closing } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun, days } from '../../helpers/staging.ts';
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

  test('of a row in the year 9999 is loaded, and costs no statement for the years before it', async () => {
    const { store, open } = testWarehouse(await temporaryFolder());
    const engine = closing(open());
    let statements = 0;
    const execute: Engine['execute'] = (sql, token) => {
      statements += 1;
      return engine.execute(sql, token);
    };
    const run = () => load(PLAN, { store, engine: { ...engine, execute }, log: noLog, now: Date.now });
    const rowsOf = (status: string) => [
      { id: 'a', order: 1n, status, _part_on: days('2025-03-01') },
      { id: 'b', order: 1n, status, _part_on: days('9999-12-31') },
      { id: 'c', order: 1n, status, _part_on: days('1970-01-02') },
    ];
    for (const [n, status] of ['open', 'done'].entries()) {
      await commitRun(store, ID, { n: n + 1, rows: [{ table: sampleCalls, rows: rowsOf(status) }] });
      expect((await run()).changed).toEqual({ 'callhouse_phi.sample_calls': 3, 'callhouse.sample_calls': 3 });
      const sql = 'SELECT id, status, _part_on FROM callhouse.sample_calls ORDER BY id';
      expect((await engine.query(sql)).rows).toEqual([
        ['a', status, '2025-03-01'],
        ['b', status, '9999-12-31'],
        ['c', status, '1970-01-02'],
      ]);
    }
    expect(statements).toBeLessThan(30);
  });
});
