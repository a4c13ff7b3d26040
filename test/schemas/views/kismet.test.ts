import { beforeEach, describe, expect, test } from 'vitest';
import { rejects } from '../../../schemas/bookkeeping.ts';
import { insertText } from '../../../schemas/derive/insert.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../../schemas/tables/kismet.ts';
import { flattenText } from '../../helpers/flatten-text.ts';
import { GONE, type ViewWarehouse, viewWarehouse } from '../../helpers/view-warehouse.ts';

let { engine, insert, rowsOf } = {} as ViewWarehouse;

beforeEach(async () => {
  ({ engine, insert, rowsOf } = await viewWarehouse());
});

describe('call_access_log', () => {
  test('lists who read which call, without reads by Callhouse and reads without a user', async () => {
    await insert(kismetCalls, { id: '1', organization_user_id: '101', state: "'ended'" });
    await insert(kismetCalls, { id: '2', organization_user_id: '101', state: "'ended'", ...GONE });
    await insert(kismetOrganizationUsers, { id: '101', display_name: "'Dr. A'", is_admin: 'false' });
    await insert(kismetOrganizationUsers, { id: '55', display_name: "'Dr. Gone'", ...GONE });
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
      ['2', '2', null, '101', '55', 'Dr. Gone', false],
    ]);
  });
});

test('reads by users whose ids have no form of an id are kept and counted, and so are those of their load without a user', async () => {
  const table = {
    source: 'kismet',
    account: 'default',
    stream: 'call_audit_logs',
    table_name: 'kismet_call_audit_logs',
  };
  const reason = hiddenReasonOf('jane@clinic.example');
  const counted = [
    { ...table, load_id: 'l1', column_name: 'user_id', reason, count: 2 },
    { ...table, load_id: 'l2', column_name: 'event', reason, count: 2 },
  ];
  await engine.execute(insertText(rejects, counted));
  await insert(kismetCalls, { id: '1', is_ended: 'TRUE' });
  const log = (id: number, load: string, user: string, event = "'read'") =>
    insert(kismetCallAuditLogs, { id: `${id}`, call_id: '1', event, user_id: user, _load_id: load });
  await log(1, "'l1'", 'NULL');
  await log(2, "'l1'", "'55'");
  await log(3, "'l1'", "'900'");
  await log(4, "'l1'", 'NULL', "'update'");
  await log(5, "'l2'", 'NULL');
  await log(6, "'l3'", 'NULL');
  const sql = 'SELECT audit_log_id, reader_id, reader_name, reader_is_provider FROM call_access_log ORDER BY 1';
  expect(await rowsOf(sql)).toEqual([
    ['1', null, null, null],
    ['2', '55', null, null],
  ]);
  expect(await rowsOf('SELECT reads, readers FROM kismet_sessions')).toEqual([[2, 1]]);
});

/** The reason that `rejects` has for a user id that `callhouse` does not show. */
function hiddenReasonOf(user: string): string {
  const { rejects: counted } = flattenText([kismetCallAuditLogs], `{"id":1,"user_id":"${user}"}`);
  return counted.find(({ column }) => column === 'user_id')?.reason ?? '';
}

describe('kismet_sessions', () => {
  test('shows neither an absence nor a read of which the vendor, or its log, does not tell', async () => {
    const sql = 'SELECT call_id, recipients, users, attendance, reads, readers FROM kismet_sessions ORDER BY 1';
    for (const [id, listed] of [
      ['1', 'NULL'],
      ['2', '0'],
      ['3', '1'],
    ] as const)
      await insert(kismetCalls, { id, is_ended: 'TRUE', participant_count: listed });
    await insert(kismetCallParticipants, { call_id: '3', id: '8', participant_type: "'User'" });
    const log = { organization_user_id: '101', call_id: '3', event: "'create'" };
    await insert(kismetCallAuditLogs, { ...log, id: '10' });
    await insert(kismetCallAuditLogs, { ...log, id: '11', call_id: '2', event: "'Read'", user_id: "'55'" });
    await insert(kismetCallAuditLogs, { ...log, id: '12', call_id: '2', event: "'read'", user_id: "'900'" });
    expect(await rowsOf(sql)).toEqual([
      ['1', null, null, null, null, null],
      ['2', 0, 0, 'nobody', 1, 1],
      ['3', 0, 1, 'user_only', 0, 0],
    ]);
  });
});

describe('call_changes', () => {
  test('lists who changed which field', async () => {
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

  test('compares the extracted calls with the vendor’s count, also on days that only one of them has', async () => {
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
      says: 'unknown if both units fit',
      days: [
        ['200', '0.5'],
        ['9', '0'],
      ],
      unit: 'unknown',
      failed: [null, 0],
      rate: [null, 0],
    },
    { says: 'unknown if no call failed', days: [['9', '0']], unit: 'unknown', failed: [0], rate: [0] },
  ])('infers that the unit of the fail rate is $says', async ({ days, unit, failed, rate }) => {
    for (const [index, [total = '', served = '']] of days.entries())
      await metrics('default', `0${index + 1}`, total, served);
    const rows = await rowsOf(
      'SELECT fail_rate_unit, failed_calls, fail_rate FROM kismet_metrics_reconciliation ORDER BY date',
    );
    expect(rows).toEqual(failed.map((count, index) => [unit, count, rate[index]]));
  });

  test('infers the unit separately for each account', async () => {
    await metrics('one', '01', '8', '1.0');
    await metrics('two', '01', '8', '12.5');
    const sql = 'SELECT account, fail_rate_unit, fail_rate_evidence_days FROM kismet_metrics_reconciliation ORDER BY 1';
    expect(await rowsOf(sql)).toEqual([
      ['one', 'ratio', 1],
      ['two', 'percent', 1],
    ]);
  });
});
