import { describe, expect, test } from 'vitest';
import { proofOf } from '../../../../functions/extract/changes/conclude-scan.ts';
import { unitStream } from '../../../helpers/session.ts';

interface Read {
  /** What the scan of the list says of itself. @default it is complete, sorted by `at`, and has a total */
  readonly walk?: object;
  /** How its pages meet. @default without a gap, at the total */
  readonly notes?: object | null;
  readonly outcome?: object;
  readonly scan?: object;
  readonly state?: object;
  readonly isSorted?: boolean;
}

/** What a list proves, unless it is clean: one that was read in parts. */
function proof({ walk = {}, notes = { total: 6 }, outcome = {}, scan = {}, state = {}, isSorted = true }: Read) {
  const order = { isNewestFirst: (field: string) => isSorted && field === 'at' };
  const seams = notes === null ? undefined : { notes: () => notes };
  const own = {
    ...{ isComplete: () => true, endedByRepeat: () => false, isDoubtful: () => false, isDisordered: () => false },
    ...{ total: () => 6, summary: () => ({ pages: 3 }), order, seams, ...walk },
  };
  const session = { stream: unitStream, progress: { state: () => ({ order: 'at', ...state }) } };
  const read = { isClean: false, isShort: false, scan: own, ...outcome };
  return proofOf(session as never, read as never, { sortedBy: 0, unsorted: [], ...scan } as never);
}

describe('a list that is clean proves', () => {
  const isClean = { isClean: true };
  test.each<{ says: string; read: Read; proves: string }>([
    { says: 'that all it lacks is gone', read: {}, proves: 'all' },
    {
      says: 'less of records between two pages, without a total',
      read: { walk: { total: () => undefined } },
      proves: 'uncounted',
    },
    {
      says: 'less of all records without a total, if it is not sorted',
      read: { walk: { total: () => undefined }, isSorted: false },
      proves: 'unordered',
    },
    {
      says: 'the same, if another list is not sorted by the field',
      read: { walk: { total: () => undefined }, scan: { unsorted: ['at'] } },
      proves: 'unordered',
    },
    {
      says: 'the same, if nothing is known of how its pages meet',
      read: { walk: { total: () => undefined }, notes: null },
      proves: 'unordered',
    },
    {
      says: 'all without a total, if it has one page',
      read: { walk: { total: () => undefined, summary: () => ({ pages: 1 }) } },
      proves: 'all',
    },
    {
      says: 'all in windows of one page without a total',
      read: { walk: { total: () => undefined }, outcome: { isSplit: true, hasSeveralPages: false } },
      proves: 'all',
    },
    {
      says: 'less in windows of several pages without a total, because it is not kept where the others were',
      read: { walk: { total: () => undefined }, outcome: { isSplit: true, hasSeveralPages: true } },
      proves: 'unordered',
    },
    {
      says: 'nothing, if a record may be in no window',
      read: { outcome: { isSplit: true }, state: { hasOutsideWindows: true } },
      proves: 'nothing',
    },
    { says: 'all in windows otherwise', read: { outcome: { isSplit: true } }, proves: 'all' },
  ])('$says', ({ read, proves }) => {
    expect(proof({ ...read, outcome: { ...isClean, ...read.outcome } })).toBe(proves);
  });
});

describe('a list that was read in parts proves nothing', () => {
  test.each<{ says: string; read: Read }>([
    { says: 'if nothing is known of how its pages meet', read: { notes: null } },
    { says: 'if it was not read to its end', read: { walk: { isComplete: () => false } } },
    { says: 'if it ended by a repeated page', read: { walk: { endedByRepeat: () => true } } },
    { says: 'if its end is doubtful', read: { walk: { isDoubtful: () => true } } },
    { says: 'if it has fewer records than its total', read: { outcome: { isShort: true } } },
    { says: 'if its pages are uneven', read: { notes: { total: 6, isUneven: true } } },
  ])('$says', ({ read }) => {
    expect(proof(read)).toBe('nothing');
  });
});

describe('a list that was read in parts, and whose order was verified before', () => {
  test.each<{ says: string; read: Read; proves: string }>([
    { says: 'proves all but ties', read: {}, proves: 'untied' },
    { says: 'proves what is inside a page, without a total', read: { notes: {} }, proves: 'inside' },
    { says: 'and with a gap', read: { notes: { total: 6, hasGap: true } }, proves: 'inside' },
    { says: 'and with a total that moved', read: { notes: { total: 6, hasMoved: true } }, proves: 'inside' },
    { says: 'and with a record without a key', read: { notes: { total: 6, hasUnknown: true } }, proves: 'inside' },
    { says: 'and out of order by another field', read: { walk: { isDisordered: () => true } }, proves: 'inside' },
  ])('$says', ({ read, proves }) => {
    expect(proof(read)).toBe(proves);
  });
});

describe('a list that was read in parts, in an order that nobody has verified', () => {
  test.each<{ says: string; read: Read; proves: string }>([
    { says: 'proves all, if nothing moved', read: {}, proves: 'all' },
    { says: 'and also if its total moved at first', read: { notes: { total: 6, hasMoved: true } }, proves: 'all' },
    { says: 'proves nothing without a total', read: { notes: {} }, proves: 'nothing' },
    { says: 'or with a gap', read: { notes: { total: 6, hasGap: true } }, proves: 'nothing' },
    { says: 'or with a record without a key', read: { notes: { total: 6, hasUnknown: true } }, proves: 'nothing' },
    { says: 'or out of order', read: { walk: { isDisordered: () => true } }, proves: 'nothing' },
  ])('$says', ({ read, proves }) => {
    for (const scan of [{ sortedBy: undefined }, { unsorted: ['at'] }]) expect(proof({ ...read, scan })).toBe(proves);
    expect(proof({ ...read, isSorted: false })).toBe(proves);
    expect(proof({ ...read, state: { order: 'none' } })).toBe(proves);
  });
});
