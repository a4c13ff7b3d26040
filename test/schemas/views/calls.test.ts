import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { code, id, timestamp } from '../../../schemas/column.ts';
import { versionsText } from '../../../schemas/derive/versions.ts';
import { defineTable } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { kismetCalls } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { GONE, insertRow, type ViewWarehouse, viewWarehouse } from '../../helpers/view-warehouse.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

let { engine, insert, rowsOf } = {} as ViewWarehouse;

beforeEach(async () => {
  ({ engine, insert, rowsOf } = await viewWarehouse());
});

describe('calls', () => {
  test('shows the calls of every vendor in the same columns, with the same words for status and direction', async () => {
    await insert(kismetCalls, {
      id: '12',
      organization_user_id: '3',
      state: "'Active'",
      is_ended: 'false',
      created_at: "TIMESTAMP '2026-01-01 10:00:00'",
    });
    await insert(solumCalls, {
      id: "'s'",
      assistant_id: "'as'",
      status: "'follow_up_needed'",
      category: "'billing'",
      duration_min: '1.5',
      sessions_scheduled: '2',
    });
    await insert(zuduCalls, {
      call_id: "'z'",
      agent_id: "'az'",
      direction: "'INBOUND'",
      call_status: "'ENDED'",
      call_duration_ms: '1234',
      combined_cost: '0.1',
    });
    await insert(kalemCalls, {
      ...{
        call_id: "'k'",
        agent: "'ak'",
        direction: "'outbound'",
        status: "'no_answer'",
        duration_seconds: '60',
        cost: '0.25',
        _caller_hash: "'h'",
      },
      ...{ started_at: "TIMESTAMP '2026-01-01 10:00:00'", answered_at: "TIMESTAMP '2026-01-01 10:00:02.5'" },
    });
    const columns =
      'source, call_id, provider_id, agent, direction, status, outcome, duration_seconds, wait_seconds, cost, cost_currency, sessions_scheduled, caller_hash';
    expect(await rowsOf(`SELECT ${columns} FROM calls ORDER BY source`)).toEqual([
      ['kalem', 'k', null, 'ak', 'outbound', 'no_answer', null, 60, 2.5, '0.250000', 'USD', null, 'h'],
      ['kismet', '12', '3', null, null, 'active', 'open', null, null, null, null, null, null],
      ['solum', 's', null, 'as', null, 'follow_up_needed', 'billing', 90, null, null, null, 2, null],
      ['zudu', 'z', null, 'az', 'inbound', 'ended', null, 1.234, null, '0.100000', null, null, null],
    ]);
  });

  test('includes a fifth vendor whose table is declared', async () => {
    await insert(sampleCalls, { id: "'x'", order: '1', status: "'In-Progress now'" });
    expect(await rowsOf('SELECT source, call_id, status FROM calls')).toEqual([['sample', 'x', 'in_progress_now']]);
  });

  test('leaves out calls that the vendor deleted', async () => {
    await insert(kalemCalls, { call_id: "'k'", ...GONE });
    expect(await rowsOf('SELECT count(*) FROM calls')).toEqual([[0]]);
  });
});

describe('calls_daily and calls_hourly', () => {
  beforeEach(async () => {
    // In New York 2026-03-08 02:00 does not exist, and 04:59 UTC is still the day before.
    for (const [id, at, direction] of [
      ['a', "TIMESTAMP '2026-03-08 04:59:59.999'", "'inbound'"],
      ['b', "TIMESTAMP '2026-03-08 06:30:00'", "'outbound'"],
      ['c', "TIMESTAMP '2026-03-08 07:30:00'", "'inbound'"],
      ['d', 'NULL', 'NULL'],
    ]) {
      await insert(kalemCalls, {
        call_id: `'${id}'`,
        started_at: `${at}`,
        direction: `${direction}`,
        duration_seconds: '10',
        cost: '1',
      });
    }
  });

  test('count by the day in the clinic’s time zone; calls without a start have no day', async () => {
    const sql =
      'SELECT date, calls, inbound_calls, outbound_calls, duration_seconds, cost, cost_currency FROM calls_daily ORDER BY date';
    expect(await rowsOf(sql)).toEqual([
      ['2026-03-07', 1, 1, 0, 10, '1.000000', 'USD'],
      ['2026-03-08', 2, 1, 1, 20, '2.000000', 'USD'],
      [null, 1, null, null, 10, '1.000000', 'USD'],
    ]);
  });

  test('count by the hour in the clinic’s time zone, also across a change to summer time', async () => {
    expect(await rowsOf('SELECT date, hour, calls FROM calls_hourly ORDER BY date, hour')).toEqual([
      ['2026-03-07', 23, 1],
      ['2026-03-08', 1, 1],
      ['2026-03-08', 3, 1],
    ]);
  });

  test('do not depend on the time zone of the session', async () => {
    const before = await rowsOf('SELECT * FROM calls_hourly ORDER BY date, hour');
    await engine.execute("SET TimeZone = 'Asia/Tokyo'");
    expect(await rowsOf('SELECT * FROM calls_hourly ORDER BY date, hour')).toEqual(before);
  });
});

test('a column may be called like a reserved word of an engine', async () => {
  const reserved = ['start', 'end', 'order', 'group', 'date', 'at', 'user'];
  const columns = Object.fromEntries(reserved.map((name) => [name, timestamp({ path: name, doc: 'Time.' })]));
  const table = defineTable({
    ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['select'] },
    columns: {
      select: id({ path: 'select', nullable: false, doc: 'Id.' }),
      table: code('on')({ path: 'table', doc: 'State.' }),
      ...columns,
    },
    calls: {
      ...{ call_id: 'select', status: 'table', started_at: 'at', ended_at: 'end' },
      ...{ is_ended: "CASE WHEN order IS NOT NULL AND CAST(date AS date) > DATE '2026-01-01' THEN TRUE END" },
      result: `CASE WHEN lower(table) = 'on' THEN 'on group order' WHEN "end" < "group" THEN 'end' END`,
    },
    history: ['status'],
  });
  await engine.close();
  const warehouse = testWarehouse(await temporaryFolder());
  engine = warehouse.open();
  onTestFinished(() => engine.close());
  await engine.prepare([table]);
  const at = "TIMESTAMP '2026-03-02 10:00:00'";
  await insertRow(engine, table, { select: "'a'", table: "'on'", at, end: at, order: at, date: at });
  const sql = 'SELECT call_id, status, started_at = ended_at, is_ended FROM callhouse.calls';
  expect((await engine.query(sql)).rows).toEqual([['a', 'on', true, true]]);
  await engine.stage(table, []);
  await engine.execute(
    versionsText(table, { account: 'a', loadIds: ['l'], days: ['2026-03-02'], seqFrom: 1, seqTo: 1 }),
  );
});
