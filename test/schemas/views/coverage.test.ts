import { beforeAll, expect, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { loads } from '../../../schemas/bookkeeping.ts';
import { insertText } from '../../../schemas/derive/insert.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { insertRow } from '../../helpers/view-warehouse.ts';

let engine: DuckdbEngine;

beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({ timeZone: 'UTC' });
  engine = opened;
  return close;
});

/** Notes a complete run of the calls. @param until scheduled time @param ended by the clock */
async function run(until: string, ended: string) {
  const id = { load_id: until, source: 'kalem', account: 'default', stream: 'calls', status: 'ok', window_to: until };
  const counts = { requests: 1, records: 1, changed: 0, unchanged: 0, deleted: 0, rejected: 0 };
  await engine.execute(insertText(loads, [{ ...id, ...counts, started_at: ended, ended_at: ended }]));
}

test('what was read ends with the last complete run, also if the scheduled time of one before had a wrong year', async () => {
  await insertRow(engine, kalemCalls, {
    ...{ account: "'default'", call_id: "'c-1'", direction: "'inbound'", status: "'completed'" },
    started_at: "TIMESTAMP '2026-05-04 16:00:00'",
  });
  const told = async () => {
    const days = await engine.query('SELECT is_complete_day FROM callhouse.calls_daily');
    const streams = await engine.query('SELECT CAST(data_through AS varchar) FROM callhouse.freshness');
    const figures = await engine.query('SELECT DISTINCT CAST(period_to AS varchar) FROM callhouse.key_figures');
    return [days.rows, streams.rows, figures.rows].flat(2);
  };
  await run('2027-05-04T12:00:00Z', '2026-05-04T17:00:00Z');
  expect(await told()).toEqual([true, '2027-05-04 12:00:00', '2027-05-03']);
  await run('2026-05-04T18:00:00Z', '2026-05-04T18:00:00Z');
  expect(await told()).toEqual([false, '2026-05-04 18:00:00', '2026-05-03']);
});
