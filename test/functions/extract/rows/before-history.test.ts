import { describe, expect, test } from 'vitest';
import { compileBeforeHistory } from '../../../../functions/extract/rows/before-history.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import { date, id, timestamp } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    at: timestamp({ path: 'call.at', doc: 'Start.' }),
    day: date({ path: 'call.day', doc: 'Day.' }),
  },
});
/** History begins on 2026-11-02. */
const DAY = Date.parse('2026-11-02') / 86_400_000;

describe('a record is before history', () => {
  const digest = newDigest();
  digest.set('known', digestEntry('h'));
  const isBefore = (column: string, record: unknown, key: string | undefined = 'new') =>
    compileBeforeHistory(calls, { column, day: DAY, digest })(record, key);

  test.each([
    { column: 'at', call: { at: '2026-11-01T23:59:59.999Z' }, before: true },
    { column: 'at', call: { at: '2026-11-02T00:00:00Z' }, before: false },
    { column: 'day', call: { day: '2026-11-01' }, before: true },
    { column: 'day', call: { day: '2026-11-02' }, before: false },
    { column: 'at', call: {}, before: false },
    { column: 'at', call: { at: 'soon' }, before: false },
    { column: 'at', call: '{"at":"2026-11-01T09:00:00Z"}', before: true },
  ])('by $column of $call: $before', ({ column, call, before }) => {
    expect(isBefore(column, { call })).toBe(before);
  });

  test('unless it is known, or is no record', () => {
    const old = { call: { at: '2026-01-01T00:00:00Z' } };
    expect(isBefore('at', old, 'known')).toBe(false);
    expect(compileBeforeHistory(calls, { column: 'at', day: DAY, digest })(old, undefined)).toBe(true);
    expect(isBefore('at', 'text')).toBe(false);
  });

  test('by no column that there is not', () => {
    expect(() => isBefore('begin', {})).toThrow('table calls has no column begin');
  });
});
