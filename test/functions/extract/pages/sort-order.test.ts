import { describe, expect, test } from 'vitest';
import { instantsIn, placesOf, trackSortOrder } from '../../../../functions/extract/pages/page-tally.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import kalem from '../../../../functions/sources/kalem.ts';
import kismet from '../../../../functions/sources/kismet.ts';
import { RawNumber } from '../../../../schemas/json-text.ts';

/** Pages of values of `at`. */
function track(...pages: readonly unknown[][]) {
  const order = trackSortOrder(['at']);
  for (const page of pages) order.see(page.map((at) => ({ at })));
  return { verified: order.verified(), isNewestFirst: order.isNewestFirst('at'), oldest: order.oldestOnPage('at') };
}

const DAY = '2026-11-01';

describe('an order newest first', () => {
  test.each([
    { pages: [], verified: [], isNewestFirst: true, oldest: undefined },
    { pages: [[]], verified: [], isNewestFirst: true, oldest: undefined },
    { pages: [[5]], verified: [], isNewestFirst: true, oldest: 5000 },
    { pages: [[5, 5], [5]], verified: [], isNewestFirst: true, oldest: 5000 },
    { pages: [[5, 4]], verified: ['at'], isNewestFirst: true, oldest: 4000 },
    {
      pages: [
        [5, 5, 4],
        [4, 3],
      ],
      verified: ['at'],
      isNewestFirst: true,
      oldest: 3000,
    },
    { pages: [[4, 5]], verified: [], isNewestFirst: false, oldest: 4000 },
    { pages: [[5], [6]], verified: [], isNewestFirst: false, oldest: 6000 },
    { pages: [[5, 4], [3, 4], [2]], verified: [], isNewestFirst: false, oldest: 2000 },
  ])('of $pages: verified $verified, newest first $isNewestFirst, oldest $oldest', ({ pages, ...expected }) => {
    expect(track(...pages)).toEqual(expected);
  });

  test('counts on each page the records that are older than the one before, the last of the page before among them', () => {
    const order = trackSortOrder(['at']);
    const fallsOf = (...page: readonly unknown[]) => {
      order.see(page.map((at) => ({ at })));
      return order.fallsOnPage('at');
    };
    expect([fallsOf(9, 8, 8), fallsOf(7, null, 6), fallsOf(6), fallsOf(), fallsOf(7, 5)]).toEqual([1, 2, 0, 0, 1]);
    expect(order.fallsOnPage('other')).toBe(0);
  });

  test('may be that of a field within a field', () => {
    const order = trackSortOrder(['call.start.at']);
    order.see([{ call: { start: { at: 5 } } }, { call: null }, { call: [4] }, { call: { start: { at: 4 } } }]);
    expect(order.verified()).toEqual(['call.start.at']);
    expect(order.oldestOnPage('call.start.at')).toBe(4000);
  });

  test('is not judged between two pages that do not follow each other', () => {
    const order = trackSortOrder(['at']);
    order.see([{ at: 5 }, { at: 4 }]);
    order.jump();
    order.see([{ at: 9 }, { at: 8 }]);
    expect(order.isNewestFirst('at')).toBe(true);
    order.see([{ at: 10 }]);
    expect(order.isNewestFirst('at')).toBe(false);
  });

  test('ignores records without the field, and values that are not records', () => {
    const order = trackSortOrder(['at']);
    order.see([{ at: 5 }, {}, null, 'text', { at: null }, { at: 'soon' }, { at: true }, [9], { at: 4 }]);
    expect(order.verified()).toEqual(['at']);
    expect(order.oldestOnPage('at')).toBe(4000);
  });

  test('has no oldest value on a page where no record has one', () => {
    expect(track([5], [null])).toEqual({ verified: [], isNewestFirst: true, oldest: undefined });
  });

  test('is tracked for each field separately', () => {
    const order = trackSortOrder(['a', 'b', 'c']);
    order.see([
      { a: 3, b: 1, c: 1 },
      { a: 2, b: 2, c: 1 },
    ]);
    expect(order.verified()).toEqual(['a']);
    expect(['a', 'b', 'c', 'd'].map((field) => order.isNewestFirst(field))).toEqual([true, false, true, false]);
    expect(order.oldestOnPage('d')).toBeUndefined();
  });
});

describe('the place of a record', () => {
  const records = [{ started_at: 5, created_at: 7 }, { created_at: 6 }];
  const kalemCallsBy = (order?: string) =>
    placesOf({ ...kalem.streams['calls'], order: ['started_at', 'created_at'] } as Stream, order, (field) =>
      instantsIn(records, field),
    );

  test.each([
    [undefined, [{ sortedAt: 5000 }, {}]],
    ['none', [{ sortedAt: 5000 }, {}]],
    ['started_at', [{ sortedAt: 5000 }, {}]],
    [
      'created_at',
      [
        { sortedAt: 7000, sortedBy: 1 },
        { sortedAt: 6000, sortedBy: 1 },
      ],
    ],
  ])('in a list sorted by %s is that of its field', (order, places) => {
    expect(kalemCallsBy(order)).toEqual(places);
  });

  test('is what the order has read of the last page', () => {
    const order = trackSortOrder(['created_at']);
    order.see([{ created_at: 9 }]);
    order.see(records);
    expect(order.instantsOnPage('created_at')).toEqual([7000, 6000]);
    expect(order.instantsOnPage('started_at')).toEqual([]);
  });

  test('is of no use if absence from the list proves nothing', () => {
    const logs = kismet.streams['call_audit_logs'] as Stream;
    expect(placesOf(logs, 'created_at', (field) => instantsIn(records, field))).toEqual([]);
  });
});

describe('an instant', () => {
  test.each([
    [`${DAY}T09:00:00Z`, Date.parse(`${DAY}T09:00:00Z`)],
    [`${DAY}T09:00:00+02:00`, Date.parse(`${DAY}T07:00:00Z`)],
    [1_793_523_600, 1_793_523_600_000],
    [99_999_999_999, 99_999_999_999_000],
    [100_000_000_000, 100_000_000_000],
    [1_793_523_600_000, 1_793_523_600_000],
    [5n, 5000],
    [new RawNumber('1793523600.25'), 1_793_523_600_250],
    [new RawNumber('1793523600000'), 1_793_523_600_000],
    ['Tue, 10 Nov 2026 09:00:00 +0000', Date.parse('2026-11-10T09:00:00Z')],
    [1_793_523_600_000_000, 1_793_523_600_000],
  ])('%s is read as %d ms', (value, ms) => {
    expect(track([value]).oldest).toBe(ms);
  });

  // A read would stop at it as the oldest record, and miss what is below.
  test.each([0, -5, -100_000_000_000, '0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 20_261_101, 20_261_101_093_000])(
    '%s is none, and says nothing of the order',
    (value) => {
      expect(track([1_793_523_600, value, 1_793_523_500])).toEqual({
        verified: ['at'],
        isNewestFirst: true,
        oldest: 1_793_523_500_000,
      });
    },
  );
});
