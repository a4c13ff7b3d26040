import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { beganAt, checkInside, timesOf } from '../../../../functions/extract/pages/outside-window.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { date, id, timestamp } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';
import { UNIT_AT } from '../../../helpers/session.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const table = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'], partOn: 'day' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    at: timestamp({ path: ['times.start', 'made'], doc: 'Start.' }),
    day: date({ path: 'day', doc: 'Day.' }),
  },
});
const streamBy = (by: string | undefined) =>
  ({
    ...{ kind: 'collection', path: '/calls', tables: [table], order: ['id', 'times.start'] },
    ...(by !== undefined && { window: { by, as: 'iso' } }),
  }) as unknown as Stream;

const AT = Date.parse('2026-11-01T09:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

describe('when records began', () => {
  test('is read by the paths of the column that the window is on, in their order', () => {
    const records = [
      { times: { start: iso(AT) }, made: iso(1) },
      { times: {}, made: iso(AT + 1) },
      { id: 'says nothing' },
      'no object',
      { made: 'garbled' },
    ];
    expect(timesOf(streamBy('at'), records)).toEqual([AT, AT + 1]);
  });

  test('is not known without a window', () => {
    expect(timesOf(streamBy(undefined), [{ made: iso(AT) }])).toEqual([]);
  });
});

describe('when a known record began', () => {
  const entry = digestEntry('h', { partOn: 7, sortedAt: AT, sortedBy: 1 });
  test.each([
    { says: 'the field that its list is sorted by', by: 'at', known: entry, began: { at: AT, isDay: false } },
    { says: 'its day', by: 'day', known: entry, began: { at: 7 * DAY_MS, isDay: true } },
    { says: 'nothing, as its list was sorted by another field', by: 'at', known: { ...entry, sortedBy: 0 } },
    { says: 'nothing, as its place in the list is not known', by: 'at', known: digestEntry('h') },
    { says: 'nothing, as the vendor has no window', by: undefined, known: entry },
  ])('is said by $says', ({ by, known, began }) => {
    expect(beganAt(streamBy(by), known)).toEqual(began);
  });
});

describe('a page of a window', () => {
  const stream = streamBy('at');
  const check = (times: readonly number[], to: number | undefined = AT) =>
    checkInside(
      { stream, id: { source: 'unit', account: 'default', stream: 'calls' } } as never,
      times.map((time) => ({ made: iso(time) })),
      { from: new Date(AT - DAY_MS), ...(to !== undefined && { to: new Date(to) }) } as never,
    );

  test.each([
    { says: 'has no record', times: [] },
    { says: 'has a record in it', times: [AT - 1, AT - 99 * DAY_MS] },
    { says: 'has one a day before its beginning', times: [AT - 2 * DAY_MS] },
    { says: 'has one a day after its end', times: [AT + DAY_MS] },
  ])('is taken if it $says: vendors count days in their own time zone', ({ times }) => {
    expect(() => check(times)).not.toThrow();
  });

  test('without an end may have any later record', () => {
    expect(() =>
      checkInside({ stream, id: {} } as never, [{ made: iso(AT + 99 * DAY_MS) }], { from: new Date(AT) } as never),
    ).not.toThrow();
  });

  test.each([
    { says: 'before', times: [AT - 2 * DAY_MS - 1, AT - 99 * DAY_MS] },
    { says: 'after', times: [AT + DAY_MS + 1, AT + 9 * DAY_MS] },
  ])('is refused if all its records began more than a day $says', ({ times }) => {
    expect(() => check(times)).toThrow(ContractError);
    expect(() => check(times)).toThrow(
      "/calls: none of the 2 records of this page began in the window that was requested; expected all of them. The vendor does not understand the window: correct window.as, which is 'iso', or from and to in ask. Nothing of it is stored",
    );
  });
});

test.each([
  { says: 'the first load', sweptAt: undefined, isRefused: true },
  { says: 'a later run', sweptAt: UNIT_AT - DAY_MS, isRefused: false },
])('records outside of their window are refused in $says: $isRefused', async ({ sweptAt, isRefused }) => {
  const at = UNIT_AT - 9 * DAY_MS;
  const { outcome } = await readOne([answer(['a'], { more: false })], {
    stream: { window: { by: 'at', as: 'iso', required: { back: '30d' } } } as never,
    plan: { kind: 'window', window: { from: new Date(at), to: new Date(at + DAY_MS) } },
    state: { ...(sweptAt !== undefined && { sweptAt }) },
  });
  expect(outcome.failure !== undefined).toBe(isRefused);
});
