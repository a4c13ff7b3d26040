import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { readDayMaps } from '../../../functions/source/day-maps.ts';

const read = (body: unknown) => readDayMaps({ day: 'date', figures: ['calls', 'minutes'] }, body);

describe('maps from day to figure', () => {
  test('are one record per day, which may lack a figure', () => {
    const { records, more, doubts } = read({
      calls: { '2026-11-01': 3, '2026-11-02': 4 },
      minutes: { '2026-11-02': 9 },
    });
    expect(records).toEqual([
      { date: '2026-11-01', calls: 3 },
      { date: '2026-11-02', calls: 4, minutes: 9 },
    ]);
    expect([more, doubts]).toEqual([false, []]);
  });

  test('that are unknown are kept beside the known ones; other members are none', () => {
    const { records } = read({ calls: { d: 1 }, others: { d: 2 }, date: { d: 3 }, total: 4 });
    expect(records).toEqual([{ date: 'd', calls: 1, others: 2, date_map: 3 }]);
  });

  test('may come as JSON text', () => {
    expect(read({ calls: '{"d":1}' }).records).toEqual([{ date: 'd', calls: 1 }]);
  });

  test.each([
    { says: 'is left out', minutes: undefined, doubts: [] },
    { says: 'is null', minutes: null, doubts: [] },
    { says: 'is empty, as PHP writes it', minutes: [], doubts: [] },
    { says: 'is a list', minutes: [1], doubts: [{ field: 'minutes', reason: 'a list where an object is expected' }] },
    {
      says: 'is a number',
      minutes: 7,
      doubts: [{ field: 'minutes', reason: 'another number where an object is expected' }],
    },
    {
      says: 'is text',
      minutes: 'none',
      doubts: [{ field: 'minutes', reason: 'other text where an object is expected' }],
    },
  ])('of which one $says are read without it, and doubted: $doubts', ({ minutes, doubts }) => {
    const page = read({ calls: { d: 1 }, minutes });
    expect(page.records).toEqual([{ date: 'd', calls: 1 }]);
    expect(page.doubts).toEqual(doubts);
  });

  test.each([null, 'text', [], {}, { others: { d: 1 } }, { calls: [] }])(
    'are refused where there is none: %j',
    (body) => {
      expect(() => read(body)).toThrow(ContractError);
      expect(() => read(body)).toThrow(
        "the answer is not what the vendor's document says: expected at least one of calls, minutes",
      );
    },
  );
});
