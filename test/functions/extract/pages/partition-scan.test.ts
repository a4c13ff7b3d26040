import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import type { FetchedPage } from '../../../../functions/extract/pages/fetched-page.ts';
import { startScan } from '../../../../functions/extract/pages/partition-scan.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { unitSession } from '../../../helpers/session.ts';

/** A page of records with these keys; null is a record without a key. */
function page(keys: readonly (string | null)[], more: Partial<FetchedPage> = {}): FetchedPage {
  return {
    partition: WHOLE_STREAM,
    number: 1,
    records: keys.map((id) => ({ id })),
    keys: keys.map((key) => key ?? undefined),
    body: {},
    bytes: Buffer.alloc(0),
    ...more,
  };
}

async function scanFrom(startPage = 1, stream = {}) {
  const { session } = await unitSession({ stream });
  return startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage });
}

describe('a scan', () => {
  test('requests page after page until the vendor says that no more follow', async () => {
    const scan = await scanFrom();
    const asked: number[] = [];
    for (const more of [true, true, false]) {
      expect(scan.isOver()).toBe(false);
      asked.push(scan.request().page);
      scan.take(page([`k${asked.length}`]));
      scan.advance(page([], { more }));
    }
    expect(asked).toEqual([1, 2, 3]);
    expect([scan.isOver(), scan.isComplete(), scan.endedByRepeat()]).toEqual([true, true, false]);
    expect(scan.request()).toEqual({ partition: WHOLE_STREAM, page: 3, size: 2 });
  });

  test.each([
    { more: undefined, keys: [], pageSize: 2, isOver: true },
    { more: undefined, keys: ['a'], pageSize: 2, isOver: false },
    { more: true, keys: [], pageSize: 2, isOver: false },
    { more: false, keys: ['a'], pageSize: 2, isOver: true },
    { more: false, keys: ['a', 'b'], pageSize: 2, isOver: false },
    { more: true, keys: ['a'], pageSize: 0, isOver: true },
  ])(
    'with more $more, keys $keys and page size $pageSize is over: $isOver',
    async ({ more, keys, pageSize, isOver }) => {
      const scan = await scanFrom(1, { pageSize });
      const answer = page(keys, more === undefined ? {} : { more });
      scan.take(answer);
      scan.advance(answer);
      expect(scan.isOver()).toBe(isOver);
    },
  );

  test('that was stopped has ended and is not complete', async () => {
    const scan = await scanFrom();
    scan.take(page(['a']));
    scan.stop();
    scan.advance(page(['a'], { more: true }));
    expect([scan.isOver(), scan.isComplete(), scan.request().page]).toEqual([true, false, 1]);
  });

  test('that was stopped on the last page is complete', async () => {
    const scan = await scanFrom();
    scan.stop();
    scan.advance(page(['a'], { more: false }));
    expect(scan.isComplete()).toBe(true);
  });

  test('that was ended by a repeated page is complete and reports the repeat', async () => {
    const scan = await scanFrom();
    scan.endByRepeat();
    expect([scan.isOver(), scan.isComplete(), scan.endedByRepeat()]).toEqual([true, true, true]);
    scan.stop();
    expect(scan.isComplete()).toBe(true);
  });

  test('passes the window on with each request', async () => {
    const { session } = await unitSession();
    const window = { from: new Date(0) };
    const scan = startScan(session, { partition: WHOLE_STREAM, window, startPage: 4 });
    expect(scan.request()).toEqual({ partition: WHOLE_STREAM, page: 4, size: 2, window });
  });
});

describe('the counts of a scan', () => {
  test('separate keys from other records that the vendor counts', async () => {
    const scan = await scanFrom();
    scan.take(page(['a', 'b', 'b', null, null]));
    scan.take(page(['b', 'c']));
    expect([...scan.keys]).toEqual(['a', 'b', 'c']);
    expect(scan.uncounted()).toBe(3);
    expect(scan.summary('sweep')).toEqual({
      list: 'all',
      kind: 'sweep',
      pages: 2,
      records: 7,
      total: null,
      complete: false,
      drift: false,
    });
  });

  test.each([
    { totals: [3, 3], last: 3, changed: false, fell: false },
    { totals: [3, undefined], last: 3, changed: false, fell: false },
    { totals: [undefined, 3], last: 3, changed: false, fell: false },
    { totals: [3, 4], last: 4, changed: true, fell: false },
    { totals: [4, 3], last: 3, changed: true, fell: true },
    { totals: [4, 3, 4], last: 4, changed: true, fell: true },
    { totals: [undefined], last: undefined, changed: false, fell: false },
  ])('detect a total that changed ($changed) or fell ($fell) in $totals', async ({ totals, last, changed, fell }) => {
    const scan = await scanFrom();
    for (const [n, total] of totals.entries()) scan.take(page([`k${n}`], total === undefined ? {} : { total }));
    expect([scan.total(), scan.totalChanged(), scan.totalFell()]).toEqual([last, changed, fell]);
    expect(scan.summary('x')).toMatchObject({ total: last ?? null, drift: changed });
  });
});

describe('a page that repeats', () => {
  test.each([
    { before: ['a', 'b'], now: ['a', 'b'], repeats: true },
    { before: ['a', 'b'], now: ['b', 'a'], repeats: false },
    { before: ['a', 'b'], now: ['a'], repeats: false },
    { before: ['a', null], now: ['a', null], repeats: true },
    { before: [null], now: [null], repeats: false },
    { before: [], now: [], repeats: false },
  ])('with $now after $before is recognized: $repeats', async ({ before, now, repeats }) => {
    const scan = await scanFrom();
    expect(scan.repeats(page(before))).toBe(false);
    scan.take(page(before));
    expect(scan.repeats(page(now))).toBe(repeats);
  });

  test('is compared with the page before it only', async () => {
    const scan = await scanFrom();
    scan.take(page(['a']));
    scan.take(page(['b']));
    expect(scan.repeats(page(['a']))).toBe(false);
  });
});

describe('a list that never ends', () => {
  test('fails after three pages in a row that show nothing new', async () => {
    const scan = await scanFrom();
    const show = (keys: readonly string[]) => {
      scan.take(page(keys));
      scan.advance(page(keys, { more: true }));
    };
    show(['a', 'b']);
    show(['a']);
    show(['b']);
    // A new key begins the count again.
    show(['c']);
    show(['a']);
    show([]);
    expect(scan.isOver()).toBe(false);
    expect(() => show(['c'])).toThrow(ContractError);
    expect(() => scan.advance(page([], { more: true }))).toThrow(
      'unit.calls: /calls: 3 pages in a row showed nothing new, and the answer says that more follow; expected the list to end. What was read is kept',
    );
    // The vendor's own end is no failure.
    scan.advance(page([], { more: false }));
    expect(scan.isComplete()).toBe(true);
  });

  test('fails after 100,000 pages', async () => {
    const scan = await scanFrom();
    const show = (n: number) => {
      const one = page([`k${n}`], { more: true });
      scan.take(one);
      scan.advance(one);
    };
    for (let n = 1; n < 100_000; n += 1) show(n);
    expect(scan.request().page).toBe(100_000);
    expect(() => show(100_000)).toThrow(ContractError);
  });
});

test('a scan is at its start until it has read its first page', async () => {
  const scan = await scanFrom(3);
  expect([scan.isAtStart(3), scan.isAtStart(2)]).toEqual([true, false]);
  scan.take(page(['a']));
  expect(scan.isAtStart(3)).toBe(false);
});

test('a scan that begins in smaller pages is at its start by the number of either size', async () => {
  const { session } = await unitSession();
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 3, firstPage: 1 });
  expect([scan.useSmallerPages(), scan.request()]).toEqual([true, { partition: WHOLE_STREAM, page: 5, size: 1 }]);
  expect([3, 4, 5].map(scan.isAtStart)).toEqual([true, false, true]);
});

test.each([
  { token: undefined, mayHaveMoved: true },
  { token: 't2', mayHaveMoved: false },
])(
  'a page that repeats the one before, requested by the token $token, may have moved: $mayHaveMoved',
  async (given) => {
    const scan = await scanFrom();
    for (const [n, keys] of [
      ['a', 'b'],
      ['c', 'd'],
    ].entries())
      scan.take(page(keys, { number: n + 1 }));
    const repeated = page(['c', 'd'], { number: 3, more: true, ...(given.token && { token: given.token }) });
    expect(scan.repeats(repeated)).toBe(true);
    expect(scan.mayHaveMoved(repeated)).toBe(given.mayHaveMoved);
  },
);

test.each([
  { says: 'as many records as requested', count: 4, after: 3 },
  { says: 'fewer, so that the vendor counts pages by its own size', count: 3, after: 2 },
])('a scan in pages of twice the size that is cut after one with $says continues at page $after', async (given) => {
  const { session } = await unitSession();
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1, size: 4 });
  scan.take(page(['a', 'b', 'c', 'd'].slice(0, given.count)));
  expect(scan.resumeAfter(1)).toBe(given.after);
});

test.each([
  { number: 1, after: 1 },
  { number: 2, after: 2 },
  { number: 3, after: 2 },
  { number: 4, after: 3 },
])('a scan in pages of half the size that is cut after page $number continues at page $after', async (given) => {
  const { session } = await unitSession();
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1, size: 1 });
  expect(scan.resumeAfter(given.number)).toBe(given.after);
});

test('a scan tracks no order if the stream declares none', async () => {
  const { session } = await unitSession({ stream: { kind: 'daily', historyFrom: [], tiers: [] } });
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1 });
  scan.take(page(['a'], { records: [{ at: 2 }, { at: 1 }] }));
  expect(scan.order.verified()).toEqual([]);
});
