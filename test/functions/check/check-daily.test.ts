import { expect, onTestFinished, test } from 'vitest';
import { checkDaily } from '../../../functions/check/check-daily.ts';
import { load } from '../../../functions/load/load.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const HOUR = 3_600_000;

test('everything is checked once a day, from the second day of a warehouse on', async () => {
  const { store, open } = testWarehouse(await temporaryFolder());
  const engine = open();
  onTestFinished(() => engine.close());
  const plan = { streams: [{ ...ID, tables: [sampleCalls] }], accounts: { sample: ['default'] } };
  const { endedAt } = await commitRun(store, ID, {
    n: 1,
    rows: [{ table: sampleCalls, rows: [{ id: 'a', order: 1n }] }],
  });
  await load(plan, { store, engine, log: noLog, now: Date.now });
  const after = async (hours: number) => {
    const now = Date.parse(endedAt) + hours * HOUR;
    const results = await checkDaily({ plan, views: [], at: new Date(now), engine, store }, now);
    return results.map(({ check, found }) => `${check} ${found}`);
  };
  const all = ['keys 0', 'twins 0'];
  expect(await after(21)).toEqual([]);
  expect(await after(23)).toEqual(['freshness 0', ...all]);
  expect(await after(24)).toEqual([]);
  expect(await after(47)).toEqual(['freshness 1', ...all]);
  const kept = await engine.query("SELECT count(DISTINCT checked_at), count(*) FROM checks WHERE scope = 'all'");
  expect(kept.rows).toEqual([[2, 6]]);
});
