import { describe, expect, test } from 'vitest';
import { SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PartitionOutcome, Slice } from '../../../../functions/extract/pages/read-guide.ts';
import { readWindows } from '../../../../functions/extract/pages/read-windows.ts';
import type { PartitionScan } from '../../../../functions/extract/pages/scan.ts';
import { splitWindow } from '../../../../functions/extract/pages/split-window.ts';
import type { ScanProgress } from '../../../../functions/lake/scan-progress.ts';
import type { Window } from '../../../../functions/source/page.ts';
import type { WindowRule } from '../../../../functions/source/source.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { UNIT_AT as AT, unitPartition, unitSession } from '../../../helpers/session.ts';

const X = unitPartition('x');
const range = { from: new Date(AT - 4 * DAY_MS), to: new Date(AT) };

/** A scan that has shown so many records. */
function scanOf(records: number, { isOver = true, isComplete = true, total }: ScanFacts = {}) {
  return {
    ...{ isOver: () => isOver, isComplete: () => isComplete, total: () => total },
    summary: () => ({ records }),
    order: { isNewestFirst: () => false, oldestOnPage: () => undefined },
  } as unknown as PartitionScan;
}

interface ScanFacts {
  readonly isOver?: boolean;
  readonly isComplete?: boolean;
  readonly total?: number;
}

async function sessionWith(rule: Partial<WindowRule> = {}) {
  const { session } = await unitSession({
    stream: { window: { by: 'at', as: 'iso', longest: '1d', cap: 10, ...rule } },
  });
  return session;
}

/** Reads windows whose outcomes are given in turn. */
async function read(
  outcomes: readonly Partial<PartitionOutcome>[],
  slice: Partial<Slice> = {},
  startWindow?: Window,
  { scan, isOfScan = false }: { readonly scan?: ScanProgress; readonly isOfScan?: boolean } = {},
) {
  const session = await sessionWith();
  session.progress.updateState({ scan });
  const days: number[][] = [];
  const starts: unknown[] = [];
  const done: string[] = [];
  const pages = readWindows(
    session,
    { first: { partition: X, window: range, ...slice }, startWindow, isOfScan },
    async function* ({ window, start }) {
      starts.push(start);
      const hours = (at: Date | undefined) => (AT - (at?.getTime() ?? AT)) / HOUR_MS;
      days.push([hours(window?.from), hours(window?.to)]);
      const keys = new Set([`k${days.length}`]);
      return { partition: X, scan: scanOf(1), keys, isShort: false, isClean: true, ...outcomes[days.length - 1] };
    },
    ({ keys }) => void done.push([...keys].join()),
  );
  const { value } = await pages.next();
  return { outcome: value as PartitionOutcome, days, done, starts };
}

describe('a partition that is read in windows', () => {
  test('is read from the newest to the oldest, and is clean if each of them is', async () => {
    const { outcome, days, done } = await read([]);
    expect(days).toEqual([0, 24, 48, 72].map((to) => [to + 24, to]));
    expect(done).toEqual(['k1', 'k2', 'k3', 'k4']);
    expect(outcome).toMatchObject({ isClean: true, isShort: false, isSplit: true });
    expect([...outcome.keys]).toEqual(['k1', 'k2', 'k3', 'k4']);
    expect(outcome.failure).toBeUndefined();
  });

  test.each([
    { says: 'unclean', part: { isClean: false }, expected: { isClean: false, isShort: false } },
    { says: 'short', part: { isShort: true }, expected: { isClean: true, isShort: true } },
  ])('is $says if one window is', async ({ part, expected }) => {
    expect((await read([{}, part])).outcome).toMatchObject(expected);
  });

  const missing = { scan: undefined as never, isClean: false };
  const later = { from: new Date(AT - 3 * DAY_MS), to: new Date(AT - 2 * DAY_MS) };
  test.each([
    { says: 'is missing (404) if its first window is', outcomes: [missing], failure: undefined },
    { says: 'has failed if a later one is', outcomes: [{}, missing], failure: { name: 'NotFoundError' } },
    { says: 'has failed if one is after a cut', outcomes: [missing], start: later, failure: { name: 'NotFoundError' } },
  ])('$says', async ({ outcomes, start, failure }) => {
    const { outcome, days } = await read(outcomes, {}, start);
    expect(days).toHaveLength(outcomes.length);
    expect(outcome).toMatchObject({ scan: undefined, isClean: false });
    if (failure) expect(outcome.failure).toMatchObject(failure);
    else expect(outcome.failure).toBeUndefined();
  });

  test('that failed in a window has that failure, and is not clean', async () => {
    const failure = new SourceUnavailableError('down');
    const { outcome, done, days } = await read([{}, { failure, scan: undefined as never }]);
    expect(days).toHaveLength(2);
    expect(done).toEqual(['k1']);
    expect(outcome).toMatchObject({ failure, isClean: false });
  });

  test('halves a window that reaches the cap, and that one says nothing', async () => {
    const { outcome, days, done } = await read([{ isCapped: true, isClean: false, scan: scanOf(10) }]);
    expect(days.slice(0, 2)).toEqual([
      [24, 0],
      [12, 0],
    ]);
    expect(outcome).toMatchObject({ isClean: true, isSplit: true });
    expect(done[0]).toBe('k1');
  });

  test('continues only its first window at the page where a run was cut', async () => {
    const start = { page: 3, size: 2 };
    const { starts } = await read([], { start });
    expect(starts).toEqual([start, undefined, undefined, undefined]);
  });

  test('is not compared with the total of a full scan that another run has begun', async () => {
    const position = { partition: 'x', page: 1, size: 2, whole: { total: 99, uncounted: 0 } };
    const { outcome } = await read([], {}, undefined, { scan: cutScan({ position }) });
    expect(outcome).toMatchObject({ isClean: true, isShort: false });
    expect(outcome.failure).toBeUndefined();
  });

  test('is short, and proves no removal, if its windows show less than a full scan counted', async () => {
    const position = { partition: 'x', page: 1, size: 2, whole: { total: 99, uncounted: 0 } };
    const { outcome } = await read([], {}, undefined, { scan: cutScan({ position }), isOfScan: true });
    expect(outcome).toMatchObject({ isClean: false, isShort: true, wholeTotal: 99 });
    expect(outcome.shortList?.message).toContain('the vendor counts 99 records of a list');
  });

  test('that was stopped reads no further window', async () => {
    const { outcome, days } = await read([{}, { scan: scanOf(1, { isComplete: false }) }]);
    expect(days).toHaveLength(2);
    expect(outcome.isSplit).toBe(true);
  });

  test('in one window is not split', async () => {
    const window = { from: new Date(AT - HOUR_MS), to: new Date(AT) };
    expect((await read([], { window })).outcome).toMatchObject({ isSplit: false, isClean: true });
  });
});

describe('a window is left for its halves', () => {
  const windowsOf = async (rule: Partial<WindowRule> = {}, hours = 24, before = 0) => {
    const window = { from: new Date(AT - hours * HOUR_MS), to: new Date(AT) };
    return splitWindow(await sessionWith(rule), { range: window, start: undefined, before });
  };
  test.each([
    { says: 'as soon as it has shown as many records as the vendor shows', scan: scanOf(10), isCapped: true },
    { says: 'not if it has shown fewer', scan: scanOf(9), isCapped: false },
    { says: 'if its total says so, before it is read', scan: scanOf(2, { isOver: false, total: 10 }), isCapped: true },
    { says: 'not if its total is less', scan: scanOf(2, { isOver: false, total: 9 }), isCapped: false },
  ])('$says: $isCapped', async ({ scan, isCapped }) => {
    expect((await windowsOf()).isCapped(scan)).toBe(isCapped);
  });

  test('with records of it that an earlier run has read', async () => {
    expect((await windowsOf({}, 24, 1)).isCapped(scanOf(9))).toBe(true);
  });

  test('by its total only at its end, if it is too short to be halved', async () => {
    const windows = await windowsOf({}, 1 / 60);
    expect(windows.isCapped(scanOf(2, { isOver: false, total: 10 }))).toBe(false);
    expect(windows.isCapped(scanOf(2, { isOver: true, total: 10 }))).toBe(true);
    expect(windows.halve(scanOf(10))).toBe(false);
  });

  test('without a cap never, until one is found', async () => {
    const { session } = await unitSession({ stream: { window: { by: 'at', as: 'iso', longest: '1d' } } });
    const windows = splitWindow(session, { range, start: undefined, before: 0 });
    expect(windows.isCapped(scanOf(1000))).toBe(false);
    windows.learnCap(scanOf(50));
    expect([windows.isCapped(scanOf(49)), windows.isCapped(scanOf(50))]).toEqual([false, true]);
  });
});

describe('the windows of a list', () => {
  const halfOf = async (scan: PartitionScan, rule: Partial<WindowRule> = {}, days = 1) => {
    const windows = splitWindow(await sessionWith({ longest: `${days + 9}d`, ...rule }), {
      range: { from: new Date(AT - days * DAY_MS), to: new Date(AT) },
      ...{ start: undefined, before: 0 },
    });
    expect(windows.halve(scan)).toBe(true);
    const { from, to } = windows.current() ?? {};
    return ((to?.getTime() ?? 0) - (from?.getTime() ?? 0)) / HOUR_MS;
  };
  const shown = (isNewestFirst: boolean) => ({
    ...scanOf(10),
    order: { isNewestFirst: () => isNewestFirst, oldestOnPage: () => AT - HOUR_MS },
  });

  test('have an end if their length is limited, also where what is read has none', async () => {
    const options = { range: { from: new Date(AT - 9 * DAY_MS) }, start: undefined, before: 0 };
    const windows = splitWindow(await sessionWith(), options as never);
    expect(windows.current()).toEqual({ from: new Date(AT - DAY_MS), to: new Date(AT) });
    const { session } = await unitSession({ stream: { window: { by: 'at', as: 'iso', cap: 10 } } });
    expect(splitWindow(session, options as never).current()).toEqual(options.range);
  });

  test('are halved by the stretch that the cap was reached in, if the list is newest first', async () => {
    expect(await halfOf(shown(true) as never)).toBe(0.5);
    expect(await halfOf(shown(false) as never)).toBe(12);
  });

  test.each([
    { days: 8, hours: 96 },
    { days: 5, hours: 48 },
    { days: 2, hours: 24 },
  ])('of $days days are halved to $hours hours where they are written as days', async ({ days, hours }) => {
    expect(await halfOf(scanOf(10), { as: 'day' }, days)).toBe(hours);
  });
});

test.each([
  { shown: 4, days: 4 },
  { shown: 5, days: 2 },
])('the window after one of two days that showed $shown of 10 records has $days days', async ({ shown, days }) => {
  const whole = { from: new Date(AT - 9 * DAY_MS), to: new Date(AT) };
  const windows = splitWindow(await sessionWith({ longest: '4d' }), { range: whole, start: undefined, before: 0 });
  expect(windows.halve(scanOf(10))).toBe(true);
  expect(windows.moveOn(scanOf(shown))).toBe(true);
  const to = AT - 2 * DAY_MS;
  expect(windows.current()).toEqual({ from: new Date(to - days * DAY_MS), to: new Date(to) });
});

test.each([
  { as: 'iso', text: 'a window of two minutes reaches the 10 records' },
  { as: 'day', text: 'a window of two days reaches the 10 records' },
] as const)('a window by $as that is too full is named by its length', async ({ as, text }) => {
  const windows = splitWindow(await sessionWith({ as }), { range, start: undefined, before: 0 });
  expect(windows.tooFull().message).toContain(text);
});
