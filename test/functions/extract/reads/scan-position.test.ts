import { describe, expect, test } from 'vitest';
import type { PartitionOutcome, ScanPage } from '../../../../functions/extract/pages/read-guide.ts';
import { afterWindow, continued, isFarther, surplusAfter } from '../../../../functions/extract/reads/scan-position.ts';
import { SHOWN } from '../../../../functions/lake/digest/scan-notes.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { unitPartition, unitSession } from '../../../helpers/session.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const WINDOW = { from: new Date(0), to: new Date(1) };
const page = (number: number, { size = 2, window }: { size?: number; window?: typeof WINDOW } = {}) =>
  ({
    partition: unitPartition('x'),
    number,
    scan: { request: () => ({ size, ...(window && { window }) }) },
  }) as unknown as ScanPage;

describe('a page of a list that failed in an earlier run', () => {
  const failed = { failed: ['x'] };
  const at = (partition: string) => ({ ...failed, position: { partition, page: 5, size: 2 } });
  test.each([
    { says: 'of a list that did not fail', own: page(1), scan: {}, isNew: true },
    { says: 'before the place where it failed', own: page(4), scan: at('x'), isNew: false },
    { says: 'at that place', own: page(5), scan: at('x'), isNew: true },
    { says: 'at that place, of another size', own: page(10, { size: 1 }), scan: at('x'), isNew: true },
    { says: 'before it, of another size', own: page(9, { size: 1 }), scan: at('x'), isNew: false },
    { says: 'of a list whose place is not known', own: page(1), scan: at('y'), isNew: true },
    { says: 'of a window', own: page(9, { window: WINDOW }), scan: at('x'), isNew: false },
  ])('$says is farther: $isNew', ({ own, scan, isNew }) => {
    expect(isFarther(own, cutScan(scan))).toBe(isNew);
  });

  test('is farther in the run that begins the scan', () => {
    expect(isFarther(page(1), undefined)).toBe(true);
  });
});

describe('after a window of a list that is read in windows', () => {
  const at = { partition: 'x', page: 1, size: 2 };
  test.each([
    { says: 'those of which the digest knows nothing are counted', keys: ['a', 'new', 'other'], uncounted: 5 + 2 },
    { says: 'those that it shows are not', keys: ['a'], uncounted: 5 },
    { says: 'nor is any of none', keys: [], uncounted: 5 },
    { says: 'nor are those without a key counted twice', keys: ['new'], own: 3, uncounted: 5 + 1 + 3 },
  ])('$says', async ({ keys, own, uncounted }) => {
    const { session } = await unitSession();
    session.digest.set('a', digestEntry('h'));
    await session.digest.scan.begin();
    session.digest.scan.show('a', SHOWN);
    const walk = own === undefined ? {} : { scan: { uncounted: () => own } };
    const outcome = { keys: new Set(keys), isClean: true, ...walk } as unknown as PartitionOutcome;
    const position = { ...at, whole: { total: 9, uncounted: 5 } };
    expect(afterWindow(session, outcome, cutScan({ position }))).toEqual({
      position: { ...at, whole: { total: 9, uncounted } },
    });
  });
});

test.each([
  { before: 20_000, now: 20_010, kept: 20_010 },
  { before: 20_010, now: 20_000, kept: 20_010 },
  { before: undefined, now: 20_000, kept: 20_000 },
  { before: 20_000, now: undefined, kept: 20_000 },
  { before: undefined, now: undefined, kept: undefined },
])('a full scan begun with history from $before and continued from $now kept what is from $kept', async (days) => {
  const { session } = await unitSession({
    settings: { historyDay: days.now },
    stream: { window: { by: 'at', as: 'iso' } },
  });
  const scan = cutScan(days.before === undefined ? {} : { keptFrom: days.before });
  expect(continued(session, scan).keptFrom).toBe(days.kept);
});

describe("a page's total, less the live records of its list", () => {
  const surplus = async (
    counted: { total?: number; earlier?: number; number?: number; token?: string; window?: object },
    before: object,
  ) => {
    const { session } = await unitSession();
    session.digest.set('a', digestEntry('h'));
    session.digest.set('gone', digestEntry('h', { deletedAt: 1 }));
    const { number = 2, window, earlier, ...more } = counted;
    const reading = { request: () => ({ size: 2, window }), total: () => more.total ?? earlier };
    const shown = { ...page(number), ...more, scan: reading } as unknown as ScanPage;
    const plan = { kind: 'sweep' as const, partitions: [], tiers: [] };
    return surplusAfter(session, shown, { plan, scan: cutScan({ leastSurplus: before as Record<string, number> }) });
  };

  test.each([
    { says: 'is noted', page: { total: 3, number: 1 }, before: {}, is: { x: 2 } },
    {
      says: 'replaces that of the reading before, on the first page',
      page: { total: 3, number: 1 },
      before: { x: 1 },
      is: { x: 2 },
    },
    { says: 'counts if it is less than on a page before', page: { total: 3 }, before: { x: 3 }, is: { x: 2 } },
    { says: 'does not if it is greater', page: { total: 3 }, before: { x: 1 }, is: { x: 1 } },
    {
      says: 'nor with the number of the first page, but a token',
      page: { total: 3, number: 1, token: 't' },
      before: { x: 1 },
      is: { x: 1 },
    },
    { says: 'may be less than nothing', page: { total: 0 }, before: {}, is: { x: -1 } },
    { says: 'leaves other lists as they were', page: { total: 3 }, before: { y: 7 }, is: { x: 2, y: 7 } },
    { says: 'says nothing without a total', page: {}, before: { x: 5 }, is: { x: 5 } },
    { says: 'is that of a page before, if it has none', page: { earlier: 3 }, before: { x: 5 }, is: { x: 2 } },
    {
      says: 'says nothing of one window among several',
      page: { total: 1, window: WINDOW },
      before: { x: 5 },
      is: { x: 5 },
    },
  ])('$says', async ({ page: counted, before, is }) => {
    expect(await surplus(counted, before)).toEqual({ leastSurplus: is });
  });
});
