import { expect, test } from 'vitest';
import { load } from '../../../functions/load/load.ts';
import { bigint, type Column, double, id } from '../../../schemas/column.ts';
import { defineTable } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { commitRun } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { TABLES } from '../../helpers/view-warehouse.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const STREAM = { source: 'nova', account: 'default', stream: 'calls' };

test('a column that is declared with another type takes values of that type, and says so once', async () => {
  const { store, open } = testWarehouse(await temporaryFolder());
  let n = 0;
  const loadWith = async (amount: Column, value: Value) => {
    const table = defineTable({
      ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['id'] },
      columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }), amount },
    });
    const said: string[] = [];
    const engine = open({ log: (_, message) => void said.push(message) });
    n += 1;
    await commitRun(store, STREAM, { n, rows: [{ table, rows: [{ id: `${n}`, amount: value }] }] });
    const plan = { streams: [{ ...STREAM, tables: [table] }], accounts: { nova: ['default'] } };
    expect(await load(plan, { store, engine, log: noLog, now: Date.now })).toMatchObject({ exitCode: 0 });
    const { rows } = await engine.query('SELECT amount FROM callhouse.nova_calls ORDER BY id');
    await engine.close();
    return { rows: rows.flat(), said };
  };
  const column = { path: 'amount', doc: 'Amount.' };
  const warning =
    'nova_calls.amount has another type than before; values that do not fit it are null until callhouse replay';
  expect(await loadWith(bigint(column), 1n)).toEqual({ rows: [1], said: [] });
  expect(await loadWith(double(column), 1.5)).toEqual({ rows: [1, 1.5], said: [warning] });
  expect(await loadWith(id(column), 'abc')).toEqual({ rows: ['1.0', '1.5', 'abc'], said: [warning] });
  expect(await loadWith(bigint(column), 7n)).toEqual({ rows: [1, 2, null, 7], said: [warning] });
  expect(await loadWith(bigint(column), 8n)).toMatchObject({ said: [] });
});

test('no column of the product has another type than it was created with', async () => {
  const { open } = testWarehouse(await temporaryFolder());
  const said: string[] = [];
  for (const timeZone of ['UTC', 'Europe/Berlin']) {
    const engine = open({ views: { timeZone }, log: (_, message) => void said.push(message) });
    await engine.prepare(TABLES);
    await engine.close();
  }
  expect(said).toEqual([]);
});
