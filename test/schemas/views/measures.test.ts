import { expect, onTestFinished, test } from 'vitest';
import { code, decimal, id, timestamp } from '../../../schemas/column.ts';
import { defineTable } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { metricsOf } from '../../../schemas/views/metrics.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { insertRow, noteReadUntil, type ViewWarehouse, viewWarehouse } from '../../helpers/view-warehouse.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

test('calls of unknown answer count as neither answered nor missed, reached nor unreached; none known is null, not 0', async () => {
  const { insert, rowsOf } = await viewWarehouse();
  let made = 0;
  const call = (day: number, direction: string, status: string) => {
    made += 1;
    const start = `TIMESTAMP '2026-03-0${day} 15:00:00'`;
    return insert(kalemCalls, {
      ...{ call_id: `'${made}'`, direction: `'${direction}'`, status: `'${status}'`, started_at: start },
      answered_at: status === 'completed' ? start : 'NULL',
    });
  };
  await call(2, 'inbound', 'completed');
  await call(2, 'inbound', 'in_progress');
  await call(2, 'outbound', 'in_progress');
  for (const status of ['completed', 'no_answer', 'in_progress']) await call(3, 'outbound', status);
  const measures = 'answered_inbound_calls, missed_calls, outbound_calls, reached_calls, unreached_calls';
  expect(await rowsOf(`SELECT ${measures} FROM callhouse.calls_daily ORDER BY date`)).toEqual([
    [1, 0, 1, null, null],
    [0, 0, 3, 1, 1],
  ]);
});

/** A Kalem call. @param wait seconds until it is answered; undefined if it is missed */
async function kalemCall({ insert }: ViewWarehouse, id: string, at: string, wait?: number) {
  const start = `TIMESTAMP '${at}'`;
  await insert(kalemCalls, {
    ...{ call_id: `'${id}'`, direction: "'inbound'", started_at: start },
    ...(wait === undefined
      ? { status: "'no_answer'" }
      : { status: "'completed'", answered_at: `${start} + INTERVAL '${wait}' SECOND` }),
  });
}

/** Notes that the calls of Kalem and Zudu were read until an instant. */
async function readUntil({ engine }: ViewWarehouse, until: string) {
  await noteReadUntil(engine, ['kalem', 'zudu'], until);
}

test('an hour, a day and a week in which nobody was answered count against the service level, where the vendor gives waits', async () => {
  const warehouse = await viewWarehouse();
  const { rowsOf } = warehouse;
  await kalemCall(warehouse, 'in time', '2026-03-02 15:00:00', 5);
  await kalemCall(warehouse, 'same hour', '2026-03-02 15:10:00');
  await kalemCall(warehouse, 'other hour', '2026-03-02 17:00:00');
  await kalemCall(warehouse, 'other day', '2026-03-03 15:00:00');
  for (const [id, reason] of [
    ['z1', 'dial_no_answer'],
    ['z2', 'user_hangup'],
  ] as const) {
    await warehouse.insert(zuduCalls, {
      ...{ call_id: `'${id}'`, direction: "'inbound'", started_at: "TIMESTAMP '2026-03-03 15:00:00'" },
      ...{ call_status: "'ended'", disconnection_reason: `'${reason}'` },
    });
  }
  await readUntil(warehouse, '2026-03-04T12:00:00Z');
  const level = metricsOf({ timeZone: 'UTC' }).find(({ metric }) => metric === 'service_level')?.sql;
  for (const view of ['calls_daily', 'calls_hourly'])
    expect(await rowsOf(`SELECT ${level} FROM callhouse.${view}`)).toEqual([[0.25]]);
  const counts = 'sum(waited_calls), sum(in_target_calls), sum(missed_calls)';
  expect(await rowsOf(`SELECT source, ${counts} FROM callhouse.calls_hourly GROUP BY source ORDER BY source`)).toEqual([
    ['kalem', 1, 1, 3],
    ['zudu', null, null, 1],
  ]);
  const figure =
    "SELECT value, base, previous_value FROM callhouse.key_figures WHERE metric = 'service_level' AND source IS NULL";
  expect(await rowsOf(figure)).toEqual([[0.25, 4, null]]);
  await kalemCall(warehouse, 'next week', '2026-03-10 15:00:00');
  await readUntil(warehouse, '2026-03-11T12:00:00Z');
  expect(await rowsOf(figure)).toEqual([[0, 1, 0.25]]);
});

test('key_figures counts 0 calls of days that were read and had none, and nothing of days that were not read', async () => {
  const warehouse = await viewWarehouse();
  const figure =
    "SELECT value, base, previous_value, change, change_ratio, is_complete FROM callhouse.key_figures WHERE metric = 'calls' AND source";
  await kalemCall(warehouse, 'k', '2026-03-02 15:00:00', 5);
  await readUntil(warehouse, '2026-03-10T12:00:00Z');
  for (const scope of ["= 'kalem'", 'IS NULL'])
    expect(await warehouse.rowsOf(`${figure} ${scope}`)).toEqual([[0, 0, 1, -1, -1, true]]);
  // Zudu was read, and never had a call.
  expect(await warehouse.rowsOf(`${figure} = 'zudu'`)).toEqual([[0, 0, null, null, null, true]]);
  const missed = "SELECT value FROM callhouse.key_figures WHERE metric = 'missed_calls' AND source = 'kalem'";
  expect(await warehouse.rowsOf(missed)).toEqual([[null]]);
});

test('a clinician whose calls have several agents is one row of handlers_weekly', async () => {
  const calls = defineTable({
    ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      clinician: id({ path: 'clinician', doc: 'Clinician.' }),
      agent: id({ path: 'agent', doc: 'Agent.' }),
      began: timestamp({ path: 'began', doc: 'Start.' }),
    },
    calls: { call_id: 'id', provider_id: 'clinician', agent: 'agent', started_at: 'began' },
  });
  const engine = testWarehouse(await temporaryFolder()).open();
  onTestFinished(() => engine.close());
  await engine.prepare([calls]);
  for (const [call, clinician, agent] of [
    ['1', "'c'", "'a'"],
    ['2', "'c'", "'b'"],
    ['3', "'c'", 'NULL'],
    ['4', 'NULL', "'c'"],
  ] as const)
    await insertRow(engine, calls, { id: `'${call}'`, clinician, agent, began: "TIMESTAMP '2026-03-02 15:00:00'" });
  const sql = 'SELECT handler_kind, handler_id, calls FROM callhouse.handlers_weekly ORDER BY handler_kind';
  expect((await engine.query(sql)).rows).toEqual([
    ['agent', 'c', 1],
    ['clinician', 'c', 3],
  ]);
});

test('costs in several currencies are not added up', async () => {
  const calls = defineTable({
    ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      began: timestamp({ path: 'began', doc: 'Start.' }),
      price: decimal({ path: 'price', doc: 'Price.' }),
      currency: code('USD', 'EUR')({ path: 'currency', doc: 'Currency.' }),
    },
    calls: { call_id: 'id', started_at: 'began', cost: 'price', cost_currency: 'currency' },
  });
  const engine = testWarehouse(await temporaryFolder()).open();
  onTestFinished(() => engine.close());
  await engine.prepare([calls]);
  for (const [n, [day, price, currency]] of [
    ['02', '1', "'USD'"],
    ['02', '2', "'EUR'"],
    ['03', '1', "'USD'"],
    ['03', 'NULL', "'EUR'"],
    ['04', '1', "'USD'"],
    ['04', '1', 'NULL'],
    ['05', '1', 'NULL'],
  ].entries()) {
    const began = `TIMESTAMP '2026-03-${day} 15:00:00'`;
    await insertRow(engine, calls, { id: `'${n}'`, began, price: price ?? '', currency: currency ?? '' });
  }
  const sql = 'SELECT CAST(cost AS double), cost_currency, costed_calls FROM callhouse.calls_daily ORDER BY date';
  expect((await engine.query(sql)).rows).toEqual([
    [null, null, 2],
    [1, 'USD', 1],
    [null, null, 2],
    [1, null, 1],
  ]);
});
