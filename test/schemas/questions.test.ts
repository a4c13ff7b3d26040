import { beforeAll, expect, test } from 'vitest';
import { readQuestions } from '../../functions/questions.ts';
import type { DuckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { kalemCalls } from '../../schemas/tables/kalem.ts';
import {
  kismetCallAuditLogs,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../schemas/tables/kismet.ts';
import { solumCalls } from '../../schemas/tables/solum.ts';
import { zuduCalls } from '../../schemas/tables/zudu.ts';
import { sharedWarehouse } from '../helpers/shared-warehouse.ts';
import { insertRow, noteReadUntil } from '../helpers/view-warehouse.ts';

let engine: DuckdbEngine;

beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({ timeZone: 'UTC', openingHours: { mon: ['08:00-18:00'] } });
  engine = opened;
  const call = (id: string, day: string, agent: string, cost: string) =>
    insertRow(engine, kalemCalls, {
      ...{ call_id: `'${id}'`, started_at: `TIMESTAMP '2026-${day} 10:00:00'`, agent, cost },
      ...{ direction: "'inbound'", status: "'completed'" },
    });
  // From the 22nd of March on: 4 calls in 10 days, then 10 calls in 20.
  for (const [n, day] of ['22', '22', '31', '31'].entries()) await call(`m${n}`, `03-${day}`, "'a'", '1');
  for (let n = 1; n <= 10; n += 1) await call(`a${n}`, `04-${String(2 * n).padStart(2, '0')}`, 'NULL', '2');
  // Two clinicians of one name.
  for (const [id, calls] of [
    [1, 2],
    [2, 1],
  ] as const) {
    await insertRow(engine, kismetOrganizationUsers, { id: `${id}`, display_name: "'Dr. Lee'" });
    for (let n = 0; n < calls; n += 1)
      await insertRow(engine, kismetCalls, {
        ...{ id: `${10 * id + n}`, organization_user_id: `${id}`, created_at: "TIMESTAMP '2026-04-14 10:00:00'" },
      });
  }
  await insertRow(engine, kismetDailyCallMetrics, {
    ...{ scope: "'organization'", scope_id: "'organization'", date: "DATE '2026-04-14'" },
    ...{ total_calls: '4', call_fail_rate: '0.25' },
  });
  // Bookings are known of five days.
  for (const [day, sessions] of [
    ['10', '2'],
    ['14', '1'],
  ] as const)
    await insertRow(engine, solumCalls, {
      ...{ id: `'s${day}'`, started_at: `TIMESTAMP '2026-04-${day} 10:00:00'`, sessions_scheduled: sessions },
    });
  // On a Monday: two calls that come in the morning and in the evening, and one that the clinic makes in the evening.
  for (const [id, hour, direction] of [
    ['z1', '09', 'INBOUND'],
    ['z2', '20', 'INBOUND'],
    ['z3', '21', 'OUTBOUND'],
  ] as const)
    await insertRow(engine, zuduCalls, {
      ...{ call_id: `'${id}'`, started_at: `TIMESTAMP '2026-04-13 ${hour}:00:00'`, direction: `'${direction}'` },
    });
  // What two accounts of a vendor number alike.
  for (const account of ['default', 'north']) {
    await insertRow(engine, kismetCallAuditLogs, {
      ...{ account: `'${account}'`, id: '1', call_id: '10', user_id: "'7'", event: "'read'" },
    });
    await insertRow(engine, zuduCalls, {
      ...{ account: `'${account}'`, call_id: "'z9'", agent_id: "'agent-1'", call_successful: 'true' },
      ...{ disconnection_reason: "'USER_HANGUP'" },
    });
  }
  await noteReadUntil(engine, ['kalem', 'kismet', 'solum', 'zudu'], '2026-04-21T12:00:00Z');
  return close;
});

const answerOf = async (name: string) => {
  const sql = readQuestions().find((question) => question.name === name)?.sql ?? '';
  return (await engine.query(sql)).rows;
};

test('the calls of a month are compared by all of its days that were read, not by those with calls', async () => {
  const kalem = (await answerOf('months')).filter(([source]) => source === 'kalem');
  expect(kalem.map(([, month, ...rest]) => [String(month), ...rest])).toEqual([
    ['2026-03-01', 4, 10, 0.4],
    ['2026-04-01', 10, 20, 0.5],
  ]);
});

test('the cost of a week includes calls without an agent', async () => {
  const costs = await answerOf('cost-per-week');
  expect(costs.map(([, , week, , cost, perCall]) => [String(week), Number(cost), perCall])).toEqual([
    ['2026-04-20', 2, 2],
    ['2026-04-13', 6, 2],
    ['2026-04-06', 8, 2],
    ['2026-03-30', 6, 1.5],
    ['2026-03-16', 2, 1],
  ]);
});

test('two clinicians of one name are two rows', async () => {
  const clinicians = (await answerOf('busiest-handlers')).filter(([kind]) => kind === 'clinician');
  expect(clinicians.map(([, name, , , calls]) => [name, calls])).toEqual([
    ['Dr. Lee', 2],
    ['Dr. Lee', 1],
  ]);
});

test('what a booking costs is computed from the days of which costs and bookings are known', async () => {
  const [answer = []] = await answerOf('cost-per-booking');
  expect(answer.map(Number)).toEqual([6, 2, 3, 3, 2]);
});

test('calls that come outside the opening hours are apart from those that the clinic makes', async () => {
  const zudu = (await answerOf('after-hours')).filter(([source]) => source === 'zudu');
  expect(zudu).toEqual([
    ['zudu', 'inbound', 1, 0.5],
    ['zudu', 'outbound', 1, 1],
  ]);
});

test('the share of failed visits names its account', async () => {
  const [[account, date, calls, rate] = []] = await answerOf('failed-visits');
  expect([account, String(date), calls, rate]).toEqual(['default', '2026-04-14', 4, 0.25]);
});

test('users, agents and calls that have the same id in two accounts are separate rows', async () => {
  const readers = await answerOf('who-opened');
  expect(readers.map(([account, , reader, reads, calls]) => [account, reader, reads, calls])).toEqual([
    ['default', '7', 1, 1],
    ['north', '7', 1, 1],
  ]);
  const agents = await answerOf('agent-results');
  expect(agents.map(([source, account, agent, calls]) => [source, account, agent, calls])).toEqual([
    ['zudu', 'default', 'agent-1', 1],
    ['zudu', 'north', 'agent-1', 1],
  ]);
});
