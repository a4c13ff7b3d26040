import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/duckdb-engine.ts';
import { columnsIn } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

const tables = [...(await allTables()), sampleCalls];
let engine: DuckdbEngine;

beforeEach(async () => {
  engine = testWarehouse(await temporaryFolder()).open({
    views: { timeZone: 'America/New_York', ownUserIds: ['900'] },
  });
  await engine.prepare(tables);
  onTestFinished(() => engine.close());
});

/** Puts a row into the safe twin; what is not said is null. Values are SQL. */
async function insert(table: Table, row: Readonly<Record<string, string>>): Promise<void> {
  const columns = columnsIn(table, 'safe').map(({ name }) => name);
  const books: Record<string, string> = {
    account: "'default'",
    _part_on: "DATE '2026-01-01'",
    _seq: '1',
    _load_id: "'l'",
  };
  const times = { _first_seen_at: "TIMESTAMP '2026-01-01'", _changed_at: "TIMESTAMP '2026-01-01'" };
  const values = columns.map((name) => row[name] ?? { ...books, ...times }[name] ?? 'NULL');
  await engine.execute(`INSERT INTO callhouse.${table.name} VALUES (${values.join(', ')})`);
}

const rowsOf = async (sql: string) => (await engine.query(sql)).rows;
const GONE = { _deleted_at: "TIMESTAMP '2026-01-02'" };

describe('calls', () => {
  test('shows each vendor in the same words', async () => {
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

  test('takes in a vendor of which nothing but its table is known', async () => {
    await insert(sampleCalls, { id: "'x'", order: '1', status: "'In-Progress now'" });
    expect(await rowsOf('SELECT source, call_id, status FROM calls')).toEqual([['sample', 'x', 'in_progress_now']]);
  });

  test('leaves out what the vendor removed', async () => {
    await insert(kalemCalls, { call_id: "'k'", ...GONE });
    expect(await rowsOf('SELECT count(*) FROM calls')).toEqual([[0]]);
  });
});

describe('calls_daily and calls_hourly', () => {
  beforeEach(async () => {
    // 2026-03-08 02:00 does not exist in New York; 04:59 UTC is still the day before.
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

  test('count by the day of the clinic, calls that never began on no day', async () => {
    const sql =
      'SELECT date, calls, inbound_calls, outbound_calls, duration_seconds, cost, cost_currency FROM calls_daily ORDER BY date';
    expect(await rowsOf(sql)).toEqual([
      ['2026-03-07', 1, 1, 0, 10, '1.000000', 'USD'],
      ['2026-03-08', 2, 1, 1, 20, '2.000000', 'USD'],
      [null, 1, 0, 0, 10, '1.000000', 'USD'],
    ]);
  });

  test('count by the hour of the clinic across a change to summer time', async () => {
    expect(await rowsOf('SELECT date, hour, calls FROM calls_hourly ORDER BY date, hour')).toEqual([
      ['2026-03-07', 23, 1],
      ['2026-03-08', 1, 1],
      ['2026-03-08', 3, 1],
    ]);
  });

  test("do not depend on the session's own time zone", async () => {
    const before = await rowsOf('SELECT * FROM calls_hourly ORDER BY date, hour');
    await engine.execute("SET TimeZone = 'Asia/Tokyo'");
    expect(await rowsOf('SELECT * FROM calls_hourly ORDER BY date, hour')).toEqual(before);
  });
});

describe('call_access_log', () => {
  test('tells who read which call, without our own reads and those of nobody', async () => {
    await insert(kismetCalls, { id: '1', organization_user_id: '101', state: "'ended'" });
    await insert(kismetCalls, { id: '2', organization_user_id: '101', state: "'ended'", ...GONE });
    await insert(kismetOrganizationUsers, { id: '101', display_name: "'Dr. A'", is_admin: 'false' });
    const log = (id: number, call: number, event: string, user: string) =>
      insert(kismetCallAuditLogs, {
        id: `${id}`,
        call_id: `${call}`,
        organization_user_id: '101',
        event: `'${event}'`,
        user_id: user,
      });
    await log(1, 1, 'read', "'101'");
    await log(2, 2, 'read', "'55'");
    await log(3, 1, 'read', "'900'");
    await log(4, 1, 'read', 'NULL');
    await log(5, 1, 'update', "'101'");
    const sql =
      'SELECT audit_log_id, call_id, call_status, provider_id, reader_id, reader_name, reader_is_provider FROM call_access_log ORDER BY 1';
    expect(await rowsOf(sql)).toEqual([
      ['1', '1', 'ended', '101', '101', 'Dr. A', true],
      ['2', '2', null, '101', '55', null, false],
    ]);
  });
});

describe('call_changes', () => {
  test('tells who changed which field', async () => {
    await insert(kismetCallAuditLogs, {
      id: '1',
      call_id: '7',
      organization_user_id: '101',
      event: "'Update'",
      user_id: "'55'",
      created_at: "TIMESTAMP '2026-01-01'",
    });
    await insert(kismetCallAuditChanges, { audit_log_id: '1', field: "'name'" });
    expect(
      await rowsOf('SELECT audit_log_id, changed_at, call_id, provider_id, event, user_id, field FROM call_changes'),
    ).toEqual([['1', new Date('2026-01-01T00:00:00Z'), '7', '101', 'update', '55', 'name']]);
  });
});

describe('kismet_metrics_reconciliation', () => {
  const metrics = (account: string, day: string, total: string, rate: string) =>
    insert(kismetDailyCallMetrics, {
      ...{
        account: `'${account}'`,
        scope: "'organization'",
        scope_id: "'organization'",
        date: `DATE '2026-01-${day}'`,
      },
      ...{ total_calls: total, call_fail_rate: rate },
    });

  test('counts what was extracted against what the vendor counts, days without either included', async () => {
    await metrics('default', '01', '2', '0');
    await metrics('default', '02', '1', '0');
    const call = (id: number, day: string, more = {}) =>
      insert(kismetCalls, { id: `${id}`, created_at: `TIMESTAMP '2026-01-${day} 23:00:00'`, ...more });
    await call(1, '01');
    await call(2, '01', GONE);
    await call(3, '03');
    const sql =
      'SELECT date, vendor_calls, extracted_calls, difference FROM kismet_metrics_reconciliation ORDER BY date';
    expect(await rowsOf(sql)).toEqual([
      ['2026-01-01', 2, 1, -1],
      ['2026-01-02', 1, 0, -1],
      ['2026-01-03', null, 1, null],
    ]);
  });

  test.each([
    {
      says: 'a ratio',
      days: [
        ['8', '1.0'],
        ['4', '0.25'],
        ['3', '0.33'],
        ['5', '0.0'],
      ],
      unit: 'ratio',
      failed: [8, 1, 1, 0],
      rate: [1, 0.25, 0.33, 0],
    },
    {
      says: 'a percentage',
      days: [
        ['8', '12.5'],
        ['200', '0.5'],
        ['5', '0.0'],
      ],
      unit: 'percent',
      failed: [1, 1, 0],
      rate: [0.125, 0.005, 0],
    },
    {
      says: 'unknown where both fit',
      days: [
        ['200', '0.5'],
        ['9', '0'],
      ],
      unit: 'unknown',
      failed: [null, 0],
      rate: [null, 0],
    },
    { says: 'unknown where nothing failed', days: [['9', '0']], unit: 'unknown', failed: [0], rate: [0] },
  ])('takes the fail rate for $says', async ({ days, unit, failed, rate }) => {
    for (const [index, [total = '', served = '']] of days.entries())
      await metrics('default', `0${index + 1}`, total, served);
    const rows = await rowsOf(
      'SELECT fail_rate_unit, failed_calls, fail_rate FROM kismet_metrics_reconciliation ORDER BY date',
    );
    expect(rows).toEqual(failed.map((count, index) => [unit, count, rate[index]]));
  });

  test('infers the unit by account', async () => {
    await metrics('one', '01', '8', '1.0');
    await metrics('two', '01', '8', '12.5');
    const sql = 'SELECT account, fail_rate_unit, fail_rate_evidence_days FROM kismet_metrics_reconciliation ORDER BY 1';
    expect(await rowsOf(sql)).toEqual([
      ['one', 'ratio', 1],
      ['two', 'percent', 1],
    ]);
  });
});

describe('freshness', () => {
  test('tells the last whole run, the last data and the lag', async () => {
    const run = (id: string, status: string, changed: number, ended: string) =>
      engine.execute(
        `INSERT INTO callhouse.loads VALUES ('${id}', 'solum', 'default', 'calls', '${status}', NULL, NULL, 1, 1, NULL, ${changed}, 0, 0, 0, ${ended}, ${ended})`,
      );
    await run('1', 'ok', 5, "TIMESTAMP '2026-01-01'");
    await run('2', 'ok', 0, "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp) - INTERVAL '90' MINUTE");
    await run('3', 'failed', 0, "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp)");
    await engine.execute("SET TimeZone = 'Asia/Tokyo'");
    const [row] = await rowsOf('SELECT stream, last_status, last_data_at, lag_minutes FROM freshness');
    expect(row?.slice(0, 3)).toEqual(['calls', 'failed', new Date('2026-01-01T00:00:00Z')]);
    expect(Number(row?.[3])).toBeCloseTo(90, 0);
  });
});

describe('viewsFor', () => {
  test('gives only what the tables can', () => {
    const names = (some: readonly Table[]) => viewsFor(some, { timeZone: 'UTC' }).map(({ name }) => name);
    expect(names([])).toEqual(['freshness']);
    expect(names([kalemCalls])).toEqual(['calls', 'calls_daily', 'calls_hourly', 'freshness']);
    expect(names(tables)).toEqual([
      ...['calls', 'calls_daily', 'calls_hourly', 'freshness'],
      ...['call_access_log', 'call_changes', 'kismet_metrics_reconciliation'],
    ]);
  });
});
