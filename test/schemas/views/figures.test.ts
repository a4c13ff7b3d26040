import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { loads } from '../../../schemas/bookkeeping.ts';
import { insertText } from '../../../schemas/derive/insert.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { insertRow } from '../../helpers/view-warehouse.ts';

let engine: DuckdbEngine;
let made = 0;

beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({
    timeZone: 'America/New_York',
    openingHours: { mon: ['08:00-12:00', '13:00-18:00'], tue: ['00:00-24:00'], wed: ['08:00-18:00'] },
    closedDays: ['2026-05-06'],
  });
  engine = opened;
  return close;
});

const rowsOf = async (sql: string) => (await engine.query(sql)).rows;

/** Inserts a Kalem call of an account. @param at instant in UTC @param wait seconds until it is answered; undefined if it is missed */
async function call(account: string, at: string, wait?: number, more: Readonly<Record<string, string>> = {}) {
  made += 1;
  const start = `TIMESTAMP '${at}'`;
  const answer = wait === undefined ? 'NULL' : `${start} + INTERVAL '${wait}' SECOND`;
  await insertRow(engine, kalemCalls, {
    ...{ account: `'${account}'`, call_id: `'${made}'`, direction: "'inbound'", started_at: start },
    ...{ answered_at: answer, status: wait === undefined ? "'no_answer'" : "'completed'", ...more },
  });
}

/** Notes that the calls of an account were read until an instant. */
async function read(account: string, until: string, source = 'kalem', status = 'ok') {
  made += 1;
  const run = { load_id: `${made}`, source, account, stream: 'calls', status, window_to: `${until}Z` };
  const counts = { requests: 1, records: 1, changed: 0, unchanged: 0, deleted: 0, rejected: 0 };
  await engine.execute(insertText(loads, [{ ...run, ...counts, started_at: `${until}Z`, ended_at: `${until}Z` }]));
}

describe('is_after_hours', () => {
  test.each([
    // The 4th of May 2026 is a Monday; New York is 4 hours behind UTC.
    ['2026-05-04 11:59:59.999', '1', true, 'before it opens'],
    ['2026-05-04 12:00:00', '1', false, 'as it opens'],
    ['2026-05-04 16:00:00', '1', true, 'in the lunch break'],
    ['2026-05-04 16:59:59.999', '1', true, 'at the end of the lunch break'],
    ['2026-05-04 17:00:00', '1', false, 'after the lunch break'],
    ['2026-05-04 22:00:00', '1', true, 'as it closes'],
    ['2026-05-05 04:00:00', '2', false, 'at midnight of a day that is open around the clock'],
    ['2026-05-06 03:59:59.999', '2', false, 'at the end of that day'],
    ['2026-05-06 15:00:00', '3', true, 'on a closed day'],
    ['2026-05-13 15:00:00', '3', false, 'a week after it'],
    ['2026-05-07 15:00:00', '4', true, 'on a day without hours'],
  ])('of %s, weekday %s, is %s: %s', async (at, weekday, expected) => {
    await call('hours', at);
    const sql = `SELECT weekday, is_after_hours FROM callhouse.calls WHERE call_id = '${made}'`;
    expect(await rowsOf(sql)).toEqual([[Number(weekday), expected]]);
  });

  test.each(['NULL', "TIMESTAMP '1999-12-31 23:59:59'", "TIMESTAMP '2026-06-02 00:00:00.001'"])(
    'of a call that started %s is null, as its day is',
    async (start) => {
      await call('hours', '2026-05-04 12:00:00', undefined, { started_at: start });
      const sql = `SELECT local_date, weekday, is_after_hours FROM callhouse.calls WHERE call_id = '${made}'`;
      expect(await rowsOf(sql)).toEqual([[null, null, null]]);
    },
  );
});

test('a day is complete once a complete run of its account has read past its end on the clinic’s clock', async () => {
  for (const day of ['03', '04', '05']) await call('days', `2026-05-${day} 16:00:00`);
  await call('never read', '2026-05-03 16:00:00');
  const days = () =>
    rowsOf(
      "SELECT CAST(date AS varchar), is_complete_day FROM callhouse.calls_daily WHERE account IN ('days', 'never read') ORDER BY account, date",
    );
  // In New York it is still the 4th.
  await read('days', '2026-05-05T03:59:59');
  await read('days', '2026-05-09T00:00:00', 'kalem', 'partial');
  expect(await days()).toEqual([
    ...[
      ['2026-05-03', true],
      ['2026-05-04', false],
      ['2026-05-05', false],
    ],
    ['2026-05-03', null],
  ]);
  await read('days', '2026-05-05T04:00:00');
  expect((await days()).map(([, isComplete]) => isComplete)).toEqual([true, true, false, null]);
});

describe('key_figures', () => {
  const figure = async (account: string, metric: string) => {
    const columns = 'value, base, previous_value, previous_base, change, change_ratio, is_complete';
    const where = `account = '${account}' AND metric = '${metric}'`;
    return (await rowsOf(`SELECT ${columns} FROM callhouse.key_figures WHERE ${where}`))[0];
  };

  test.each([
    // waits of 1 to n seconds: nearest rank
    [1, 1, 1],
    [19, 10, 19],
    [20, 10, 19],
    [21, 11, 20],
  ])('of %i waits, the median is %i and the 95th percentile %i', async (count, median, late) => {
    const account = `waits${count}`;
    for (let wait = 1; wait <= count; wait += 1) await call(account, '2026-05-20 16:00:00', wait);
    await call(account, '2026-05-20 16:00:00');
    await read('whole', '2026-05-25T12:00:00');
    expect((await figure(account, 'wait_p50'))?.slice(0, 2)).toEqual([median, count]);
    expect((await figure(account, 'wait_p95'))?.slice(0, 2)).toEqual([late, count]);
    const inTarget = Math.min(count, 20);
    expect((await figure(account, 'service_level'))?.slice(0, 2)).toEqual([inTarget / (count + 1), count + 1]);
  });

  test('compare the last seven complete days with the seven before', async () => {
    await read('whole', '2026-05-25T12:00:00');
    // The period ends with the 24th of May, so it begins with the 18th.
    for (const [day, answered, missed] of [
      ['10', 5, 5],
      ['11', 3, 1],
      ['17', 1, 0],
      ['18', 1, 1],
      ['24', 3, 0],
      ['25', 9, 9],
    ] as const) {
      for (let n = 0; n < answered; n += 1) await call('whole', `2026-05-${day} 16:00:00`, 2);
      for (let n = 0; n < missed; n += 1) await call('whole', `2026-05-${day} 16:00:00`);
    }
    expect(await figure('whole', 'calls')).toEqual([5, 5, 5, 5, 0, 0, true]);
    expect(await figure('whole', 'missed_calls')).toEqual([1, 5, 1, 5, 0, 0, true]);
    expect((await figure('whole', 'answer_rate'))?.slice(0, 4)).toEqual([0.8, 5, 0.8, 5]);
    expect((await figure('whole', 'booking_rate'))?.slice(0, 4)).toEqual([null, 0, null, 0]);
    const period =
      'SELECT DISTINCT CAST(period_from AS varchar), CAST(period_to AS varchar) FROM callhouse.key_figures';
    expect(await rowsOf(period)).toEqual([['2026-05-18', '2026-05-24']]);
    await read('behind', '2026-05-22T12:00:00');
    await call('behind', '2026-05-20 16:00:00');
    expect((await figure('behind', 'calls'))?.at(-1)).toBe(false);
    const all = 'SELECT DISTINCT is_complete FROM callhouse.key_figures WHERE source IS NULL';
    expect(await rowsOf(all)).toEqual([[false]]);
  });
});

test('repeat_calls finds the call before by the same caller at any vendor, and waits seven days before it says resolved', async () => {
  const hash = { _caller_hash: "'same'" };
  await call('a', '2026-05-01 10:00:00', 1, hash);
  await insertRow(engine, zuduCalls, {
    ...{ call_id: "'z'", direction: "'INBOUND'", started_at: "TIMESTAMP '2026-05-08 10:00:00'", ...hash },
  });
  await call('a', '2026-05-15 10:00:00.001', 1, hash);
  await call('a', '2026-05-15 11:00:00', 1, { ...hash, direction: "'outbound'" });
  await call('a', '2026-05-20 10:00:00', 1, { _caller_hash: "'other'" });
  await read('a', '2026-05-25T12:00:00');
  // The calls of this account after the 15th are not read yet: nobody knows if the caller called there again.
  await read('default', '2026-05-15T10:00:00', 'zudu');
  const sql =
    "SELECT source, previous_source, hours_since_previous, is_repeat, is_resolved FROM callhouse.repeat_calls WHERE caller_hash IN ('same', 'other') ORDER BY started_at";
  expect(await rowsOf(sql)).toEqual([
    ['kalem', null, null, false, false],
    ['zudu', 'kalem', 168, true, null],
    ['kalem', 'zudu', 168 + 1 / 3_600_000, false, true],
    ['kalem', null, null, false, null],
  ]);
});

test('the rate of repeat calls in key_figures counts what repeat_calls says, also of calls before both periods', async () => {
  await read('whole', '2026-05-25T12:00:00');
  for (const at of ['2026-05-04 16:00:00', '2026-05-11 16:00:00', '2026-05-18 15:00:00', '2026-05-24 16:00:00'])
    await call('again', at, 1, { _caller_hash: "'again'" });
  await call('again', '2026-05-20 16:00:00', 1, { _caller_hash: "'once'" });
  await call('again', '2026-05-20 17:00:00', 1);
  const figure =
    "SELECT value, base, previous_value, previous_base FROM callhouse.key_figures WHERE account = 'again' AND metric = 'repeat_call_rate'";
  expect(await rowsOf(figure)).toEqual([[2 / 3, 3, 1, 1]]);
  const counted =
    "SELECT count(CASE WHEN is_repeat THEN 1 END), count(*) FROM callhouse.repeat_calls WHERE account = 'again' AND date >= DATE '2026-05-18'";
  expect(await rowsOf(counted)).toEqual([[2, 3]]);
});

test('concurrency_hourly counts a call that follows another as no call beside it', async () => {
  const call1 = (id: string, from: string, to: string) =>
    insertRow(engine, zuduCalls, {
      ...{ call_id: `'${id}'`, account: "'lines'", call_status: "'ENDED'" },
      ...{ started_at: `TIMESTAMP '2026-05-19 ${from}'`, ended_at: `TIMESTAMP '2026-05-19 ${to}'` },
    });
  await call1('l1', '14:00:00', '14:10:00');
  await call1('l2', '14:10:00', '14:20:00');
  await call1('l3', '15:30:00', '16:05:00');
  await call1('l6', '15:40:00', '15:50:00');
  await call1('l4', '14:35:00', '13:00:00');
  await call1('l5', '16:30:00', '17:00:00');
  const sql = "SELECT hour, peak_calls FROM callhouse.concurrency_hourly WHERE account = 'lines' ORDER BY hour";
  expect(await rowsOf(sql)).toEqual([
    [10, 1],
    [11, 2],
    [12, 1],
  ]);
});

test('data_quality counts what is left out, unknown words and calls that never end', async () => {
  const at = "TIMESTAMP '2026-05-19 14:00:00'";
  const odd = (id: string, row: Readonly<Record<string, string>>) =>
    insertRow(engine, zuduCalls, { account: "'odd'", call_id: `'${id}'`, started_at: at, ...row });
  await odd('o1', { call_duration_ms: '86400001', ended_at: at, disconnection_reason: "'user_hangup'" });
  await odd('o2', { ended_at: at, disconnection_reason: "'a new word'" });
  await odd('o3', { call_status: "'ongoing'" });
  await odd('o4', { ended_at: "TIMESTAMP '2026-05-19 13:00:00'", disconnection_reason: "'inactivity'" });
  await odd('o5', { started_at: 'NULL', call_status: "'registered'" });
  await insertRow(engine, solumCalls, { account: "'odd'", id: "'o6'", started_at: at, ended_at: at });
  await odd('o7', { account: "'behind'", call_status: "'ongoing'" });
  await read('odd', '2026-05-25T12:00:00', 'zudu');
  await read('behind', '2026-05-19T14:05:00', 'zudu');
  expect(await rowsOf("SELECT issue FROM callhouse.data_quality WHERE account = 'behind' AND source = 'zudu'")).toEqual(
    [],
  );
  const sql = "SELECT source, issue, calls, share FROM callhouse.data_quality WHERE account = 'odd' ORDER BY issue";
  expect(await rowsOf(sql)).toEqual([
    ['zudu', 'duration', 1, 0.2],
    ['zudu', 'end', 1, 0.2],
    ['zudu', 'no_end', 1, 0.2],
    ['zudu', 'no_start', 1, 0.2],
    ['zudu', 'unknown_result', 1, 0.2],
  ]);
});

test('categories and handlers count only what a vendor tells', async () => {
  const row = { account: "'told'", assistant_id: "'asst'", category: "'billing'", language: "'english'" };
  const at = "TIMESTAMP '2026-05-19 14:00:00'";
  await insertRow(engine, solumCalls, { ...row, id: "'t1'", started_at: at, sessions_scheduled: '2' });
  await insertRow(engine, solumCalls, { ...row, id: "'t2'", started_at: at });
  const columns = 'calls, bookable_calls, booked_calls, sessions_scheduled, follow_up_calls';
  expect(await rowsOf(`SELECT ${columns} FROM callhouse.categories_daily WHERE account = 'told'`)).toEqual([
    [2, 1, 1, 2, null],
  ]);
  expect(
    await rowsOf(
      "SELECT CAST(week AS varchar), handler_kind, handler_id, calls, inbound_calls, missed_calls FROM callhouse.handlers_weekly WHERE account = 'told'",
    ),
  ).toEqual([['2026-05-18', 'agent', 'asst', 2, null, null]]);
});
