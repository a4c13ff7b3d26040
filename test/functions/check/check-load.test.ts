import { expect, onTestFinished, test } from 'vitest';
import { checkTables } from '../../../functions/check/check-tables.ts';
import { load } from '../../../functions/load/load.ts';
import { monthsOf } from '../../../functions/load/months.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun, days } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const PLAN = { streams: [{ ...ID, tables: [sampleCalls] }], accounts: { sample: ['default'] } };

test('a load checks the months that it touched, keeps the results, and ends with 4 for a fault', async () => {
  const warehouse = testWarehouse(await temporaryFolder());
  const engine = warehouse.open();
  onTestFinished(() => engine.close());
  const run = () => load(PLAN, { store: warehouse.store, engine, log: noLog, now: Date.now });
  const commit = (n: number, id: string, day: string) =>
    commitRun(warehouse.store, ID, {
      n,
      rows: [{ table: sampleCalls, rows: [{ id, order: 1n, _part_on: days(day) }] }],
    });
  const kept = async () =>
    (await engine.query('SELECT DISTINCT check_name, scope, is_passed, found FROM checks ORDER BY 1, 4')).rows;

  await commit(1, 'a', '2026-02-03');
  expect(await run()).toMatchObject({ exitCode: 0 });
  expect(await kept()).toEqual([
    ['keys', 'touched', true, 0],
    ['twins', 'touched', true, 0],
  ]);

  await engine.execute('INSERT INTO callhouse.sample_calls SELECT * FROM callhouse.sample_calls');
  await commit(2, 'b', '2026-03-31');
  const other = await run();
  expect(other).toMatchObject({ exitCode: 0 });
  expect(other.faults).toBeUndefined();

  await engine.execute("DELETE FROM callhouse_phi.sample_calls WHERE id = 'b'");
  await commit(3, 'c', '2026-02-28');
  const same = await run();
  expect(same).toMatchObject({
    ...{ exitCode: 4, error: undefined, commits: 1 },
    faults: ['sample_calls, account default: 1 keys occur more than once; expected none'],
  });
  expect(await kept()).toContainEqual(['keys', 'touched', false, 1]);
  expect((await checkTables(PLAN, { engine })).map(({ check, found }) => [check, found])).toEqual([
    ['keys', 1],
    ['twins', 1],
  ]);
  expect(await run()).toMatchObject({ exitCode: 0, commits: 0 });
});

test('months that follow one another are one range, and others are left out', () => {
  const file = (partFrom: string, partTo: string) => ({ table: 't', key: 'k', rows: 1, deletes: 0, partFrom, partTo });
  expect(
    monthsOf([
      file('2026-02-27', '2026-02-28'),
      file('2024-02-03', '2024-02-03'),
      file('2025-12-31', '2026-01-01'),
      file('2025-12-01', '2025-12-02'),
    ]),
  ).toEqual([
    { partFrom: '2024-02-01', partTo: '2024-02-29' },
    { partFrom: '2025-12-01', partTo: '2026-02-28' },
  ]);
});
