import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import type { Table } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { kismetCalls, kismetOrganizationUsers } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { insertRow } from '../../helpers/view-warehouse.ts';

let engine: DuckdbEngine;
let made = 0;

beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({ timeZone: 'UTC', costCurrencies: { zudu: 'EUR' } });
  engine = opened;
  return close;
});

/** Inserts a call. @returns the named columns of its row in `calls` */
async function callOf(table: Table, id: string, row: Readonly<Record<string, string>>, columns: string) {
  made += 1;
  const key = id === 'number' ? `${made}` : `'${made}'`;
  await insertRow(engine, table, { ...row, [table.key[0] ?? '']: key });
  const sql = `SELECT ${columns} FROM callhouse.calls WHERE source = '${table.source}' AND call_id = '${made}'`;
  return (await engine.query(sql)).rows[0];
}

const text = (word: string | null) => (word === null ? 'NULL' : `'${word}'`);

describe('a Kalem call', () => {
  const AT = "TIMESTAMP '2026-05-01 10:00:00'";

  test.each([
    // status, answered?, ended?, direction -> result, answered, basis, missed, is_ended
    ['completed', true, true, 'inbound', 'completed', true, 'stated', false, true],
    ['no_answer', false, true, 'inbound', 'no_answer', false, 'stated', true, true],
    ['busy', false, false, 'inbound', 'busy', false, 'stated', true, true],
    ['failed', false, true, 'outbound', 'failed', false, 'stated', null, true],
    ['cancelled', false, true, 'inbound', 'cancelled', false, 'stated', true, true],
    ['canceled', false, true, 'inbound', 'cancelled', false, 'stated', true, true],
    ['failed', true, true, 'inbound', 'failed', true, 'stated', false, true],
    ['in_progress', true, false, 'inbound', 'in_progress', true, 'stated', false, false],
    ['ringing', false, false, 'inbound', 'ringing', null, null, null, false],
    ['pending', false, false, 'outbound', 'pending', null, null, null, false],
    ['completed', true, true, null, 'completed', true, 'stated', null, true],
    ['new_word', false, true, 'inbound', null, null, null, null, true],
    [null, false, false, 'inbound', null, null, null, null, null],
  ] as const)('of status %s, answered %s, ended %s, %s is %s', async (status, taken, ended, direction, ...expected) => {
    const row = {
      ...{ status: text(status), direction: text(direction), started_at: AT },
      ...{ answered_at: taken ? AT : 'NULL', ended_at: ended ? AT : 'NULL' },
    };
    const columns = 'result, answered, answered_basis, missed, is_ended';
    expect(await callOf(kalemCalls, 'text', row, columns)).toEqual(expected);
  });

  test('costs USD if it has a cost, and waits from its start to its answer', async () => {
    const row = { started_at: AT, answered_at: "TIMESTAMP '2026-05-01 10:00:02.5'", cost: '0.25' };
    const columns = 'channel, wait_seconds, cost, cost_currency, booked, needs_follow_up';
    expect(await callOf(kalemCalls, 'text', row, columns)).toEqual(['phone', 2.5, '0.250000', 'USD', null, null]);
    expect(await callOf(kalemCalls, 'text', {}, 'cost, cost_currency')).toEqual([null, null]);
  });
});

describe('a Zudu call', () => {
  test.each([
    // reason, status, direction, voicemail -> result, answered, basis, missed
    ['USER_HANGUP', 'ENDED', 'INBOUND', 'false', 'completed', true, 'inferred', false],
    ['agent_hangup', 'ENDED', 'OUTBOUND', 'NULL', 'completed', true, 'inferred', null],
    ['inactivity', 'ENDED', 'INBOUND', 'NULL', 'completed', true, 'inferred', false],
    ['MAX_DURATION_REACHED', 'ENDED', 'INBOUND', 'NULL', 'completed', true, 'inferred', false],
    ['call_transfer', 'ENDED', 'INBOUND', 'NULL', 'transferred', true, 'inferred', false],
    ['dial_no_answer', 'ENDED', 'INBOUND', 'NULL', 'no_answer', false, 'inferred', true],
    ['DIAL-BUSY', 'ENDED', 'OUTBOUND', 'NULL', 'busy', false, 'inferred', null],
    ['dial_failed', 'ENDED', 'INBOUND', 'NULL', 'failed', false, 'inferred', true],
    ['invalid_destination', 'ERROR', 'OUTBOUND', 'NULL', 'failed', false, 'inferred', null],
    ['error_llm_websocket', 'ENDED', 'INBOUND', 'NULL', 'failed', null, null, null],
    [null, 'ERROR', 'INBOUND', 'NULL', 'failed', null, null, null],
    ['voicemail_reached', 'ENDED', 'OUTBOUND', 'NULL', 'voicemail', true, 'inferred', null],
    ['voicemail_reached', 'ENDED', 'INBOUND', 'NULL', 'voicemail', null, null, null],
    ['user_hangup', 'ENDED', 'OUTBOUND', 'true', 'voicemail', true, 'inferred', null],
    ['new_reason', 'ENDED', 'INBOUND', 'NULL', null, null, null, null],
    [null, 'ONGOING', 'INBOUND', 'NULL', 'in_progress', null, null, null],
    [null, 'SCHEDULED', 'OUTBOUND', 'NULL', 'pending', null, null, null],
  ] as const)('with reason %s, status %s, %s, voicemail %s is %s', async (why, status, way, voicemail, ...expected) => {
    const row = {
      ...{ disconnection_reason: text(why), call_status: text(status), direction: text(way), in_voicemail: voicemail },
    };
    expect(await callOf(zuduCalls, 'text', row, 'result, answered, answered_basis, missed')).toEqual(expected);
  });

  test('has the currency of the setting, the vendor’s judgement, and its type', async () => {
    const row = {
      ...{ combined_cost: '1', call_successful: 'true', user_sentiment: "'Positive'", call_type: "'WEB_CALL'" },
      ...{ call_duration_ms: '1500', call_status: "'ENDED'" },
    };
    const columns = 'cost_currency, is_successful, sentiment, channel, duration_seconds, is_ended';
    expect(await callOf(zuduCalls, 'text', row, columns)).toEqual(['EUR', true, 'positive', 'web', 1.5, true]);
  });
});

describe('a Solum call', () => {
  test.each([
    ['inboundPhoneCall', 'inbound', 'phone'],
    ['outboundPhoneCall', 'outbound', 'phone'],
    ['webCall', null, 'web'],
    ['something else', null, null],
    [null, null, null],
  ])('of type %s is %s by %s, and neither answered nor missed', async (type, direction, channel) => {
    const columns = 'direction, channel, answered, missed, result';
    const expected = [direction, channel, null, null, null];
    expect(await callOf(solumCalls, 'text', { type: text(type) }, columns)).toEqual(expected);
  });

  test.each([
    ['0', 'pending', false, false],
    ['2', 'Follow-up needed', true, true],
    ['NULL', 'done', null, false],
    ['101', 'other', null, null],
  ])(
    'with %s sessions and status %s tells what was booked and what is open',
    async (sessions, status, booked, open) => {
      const row = { sessions_scheduled: sessions, status: `'${status}'` };
      expect(await callOf(solumCalls, 'text', row, 'booked, needs_follow_up')).toEqual([booked, open]);
    },
  );
});

test('a Kismet call tells neither direction, answer nor wait, and names its clinician also after the user is removed', async () => {
  await insertRow(engine, kismetOrganizationUsers, {
    ...{ id: '3', display_name: "'Dr. A'", _deleted_at: "TIMESTAMP '2026-05-02'" },
  });
  const row = { organization_user_id: '3', state: "'Active'", is_ended: 'false' };
  const columns = 'provider_id, provider_name, channel, direction, answered, missed, wait_seconds, result, is_ended';
  const expected = ['3', 'Dr. A', 'video', null, null, null, null, 'in_progress', false];
  expect(await callOf(kismetCalls, 'number', row, columns)).toEqual(expected);
  expect(await callOf(kismetCalls, 'number', { state: "'failed'", is_ended: 'true' }, 'result')).toEqual(['failed']);
});
