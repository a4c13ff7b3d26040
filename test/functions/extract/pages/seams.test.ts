import { describe, expect, test } from 'vitest';
import type { FetchedPage } from '../../../../functions/extract/pages/fetched-page.ts';
import { trackSortOrder } from '../../../../functions/extract/pages/page-tally.ts';
import { newSeams, type SeamNotes, type SeamOptions } from '../../../../functions/extract/pages/seams.ts';
import { AFTER_ALL, BEFORE_ALL, NO_INSTANT } from '../../../../functions/lake/digest/scan-notes.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';

interface Given extends Partial<FetchedPage> {
  /** Seconds; null for a record without an instant, undefined for one without a key. */
  readonly at: readonly (number | null | undefined)[];
  readonly size?: number;
}

/** Takes pages of records, whose keys are their instants. */
function meet(given: readonly Given[], options: Partial<SeamOptions> = {}, ending: 'end' | 'cut' = 'cut') {
  const stretches: [number, number][] = [];
  const ties: number[] = [];
  const coverage = {
    add: (oldest: number, newest: number) => void stretches.push([oldest, newest]),
    addTie: (at: number) => void ties.push(at),
  } as unknown as SeamOptions['coverage'];
  const seams = newSeams({
    ...{ firstPage: 1, before: {}, field: 'at', isVerified: false, isUnsorted: false, isResumed: false, coverage },
    ...{ isWalked: () => false, isLeftOut: () => false },
    ...options,
  });
  const order = trackSortOrder(['at']);
  const joined = given.map(({ at, size = 2, ...more }, n) => {
    const records = at.map((value) => ({ at: value }));
    order.see(records);
    const keys = at.map((value, place) => (value === undefined ? undefined : `${value ?? `none ${n} ${place}`}`));
    const page = { partition: WHOLE_STREAM, number: n + 1, body: {}, bytes: Buffer.alloc(0), ...more };
    return seams.take({ ...page, records, keys }, order, size);
  });
  if (ending === 'end') seams.end();
  return { joined, notes: seams.notes(), stretches, ties, seams };
}

describe('a page', () => {
  const TWO = [{ at: [9, 8] }, { at: [7, 6] }];
  test.each([
    { says: 'the first of its list', pages: [{ at: [9, 8] }], joined: [true] },
    { says: 'with another number than the first', pages: [{ at: [9, 8], number: 2 }], joined: [false] },
    { says: 'requested by a token', pages: [{ at: [9, 8], token: 't' }], joined: [false] },
    { says: 'that follows without a total', pages: TWO, joined: [true, true] },
    {
      says: 'that follows with the same total',
      pages: [
        { at: [9, 8], total: 4 },
        { at: [7, 6], total: 4 },
      ],
      joined: [true, true],
    },
    {
      says: 'that follows with a lower total',
      pages: [
        { at: [9, 8], total: 4 },
        { at: [7, 6], total: 3 },
      ],
      joined: [true, false],
    },
    {
      says: 'that follows with a greater total, in no verified order',
      pages: [
        { at: [9, 8], total: 4 },
        { at: [7, 6], total: 5 },
      ],
      joined: [true, false],
    },
    { says: 'that leaves one out', pages: [{ at: [9, 8] }, { at: [5, 4], number: 3 }], joined: [true, false] },
    {
      says: 'that follows in pages of half the size',
      pages: [
        { at: [9, 8], size: 2 },
        { at: [7], size: 1, number: 3 },
      ],
      joined: [true, true],
    },
    {
      says: 'with the next number in pages of half the size',
      pages: [
        { at: [9, 8], size: 2 },
        { at: [7], size: 1, number: 2 },
      ],
      joined: [true, false],
    },
  ])('$says is joined: $joined', ({ pages, joined }) => {
    expect(meet(pages).joined).toEqual(joined);
  });

  const grown = [
    { at: [9, 8], total: 4 },
    { at: [7, 6], total: 5 },
  ];
  test.each([
    { says: 'a greater total in a verified order', pages: grown, options: { isVerified: true }, isJoined: true },
    {
      says: 'a greater total in a verified order that is broken',
      pages: [
        { at: [8, 9], total: 4 },
        { at: [7, 6], total: 5 },
      ],
      options: { isVerified: true },
      isJoined: false,
    },
    {
      says: 'a record first that the list has shown',
      pages: [{ at: [9, 8] }, { at: [undefined, 6], number: 9 }],
      options: { isWalked: (key: string) => key === '6' },
      isJoined: true,
    },
    {
      says: 'a record later that the list has shown',
      pages: [{ at: [9, 8] }, { at: [7, 6], number: 9 }],
      options: { isWalked: (key: string) => key === '6' },
      isJoined: false,
    },
  ])('with $says is joined: $isJoined', ({ pages, options, isJoined }) => {
    expect(meet(pages, options).joined).toEqual([true, isJoined]);
  });

  test('after one of which nothing is kept leaves a gap, and is taken, where nothing is kept of it either', () => {
    const pages = [{ at: [9, 8] }, { at: [5, 4], number: 3 }];
    const isLeftOut = () => true;
    const gap = { hasGap: true, endsOutside: true };
    expect(meet(pages, { isLeftOut })).toMatchObject({ joined: [true, true], notes: gap });
    expect(meet(pages, { isLeftOut, isUnsorted: true })).toMatchObject({ joined: [true, false] });
    const isFirstLeftOut = ({ number }: FetchedPage) => number === 1;
    expect(meet(pages, { isLeftOut: isFirstLeftOut })).toMatchObject({ joined: [true, false], notes: {} });
  });

  test('that a run was held up before leaves a gap, and is taken; the next one is judged', () => {
    const pages = [4, 9].map((number) => ({ at: [number, number], number }));
    expect(meet(pages, { isHeldUp: true })).toMatchObject({ joined: [true, false], notes: { hasGap: true } });
  });

  test.each([
    { total: 9, joined: true },
    { total: 10, joined: true },
    { total: 8, joined: false },
  ])('that a run was held up before is taken: $joined, if the total was 9 and is $total', ({ total, joined }) => {
    const pages = [{ at: [9, 8], number: 4, total }];
    expect(meet(pages, { isHeldUp: true, before: { total: 9 } }).joined).toEqual([joined]);
  });
});

describe('a list', () => {
  const full = (total?: number): Given[] => [
    { at: [9, 8], ...(total !== undefined && { total }) },
    { at: [7, 6], ...(total !== undefined && { total }) },
    { at: [5], ...(total !== undefined && { total }) },
  ];
  test.each<{ says: string; pages: Given[]; notes: SeamNotes }>([
    { says: 'without totals', pages: full(), notes: {} },
    { says: 'that ends where its total says', pages: full(5), notes: { total: 5 } },
    { says: 'with a total at first', pages: [...full(5).slice(0, 1), ...full().slice(1)], notes: { total: 5 } },
    { says: 'that ends before its total', pages: full(6), notes: { total: 6, isUneven: true } },
    {
      says: 'of which a page in the middle is shorter',
      pages: [{ at: [9, 8] }, { at: [7] }, { at: [5] }],
      notes: { isUneven: true },
    },
    {
      says: 'of which all pages but the last are shorter than requested',
      pages: [
        { at: [9, 8], size: 3 },
        { at: [7, 6], size: 3 },
        { at: [5], size: 3 },
      ],
      notes: {},
    },
    {
      says: 'with a total, of which all pages are shorter than requested',
      pages: [
        { at: [9, 8], size: 3, total: 4 },
        { at: [7, 6], size: 3, total: 4 },
      ],
      notes: { total: 4 },
    },
    {
      says: 'whose pages become smaller',
      pages: [
        { at: [9, 8], size: 2 },
        { at: [7], size: 1, number: 3 },
        { at: [6], size: 1, number: 4 },
      ],
      notes: {},
    },
    {
      says: 'whose total changes',
      pages: [
        { at: [9, 8], total: 4 },
        { at: [7, 6], total: 5 },
        { at: [5], total: 5 },
      ],
      notes: { total: 5, hasMoved: true },
    },
    { says: 'with a record without a key', pages: [{ at: [9, undefined] }], notes: { hasUnknown: true } },
    {
      says: 'with a total and a record twice on a page',
      pages: [{ at: [9, 9], total: 2 }],
      notes: { total: 2, isUneven: true },
    },
    { says: 'without a total and with a record twice on a page', pages: [{ at: [9, 9] }], notes: {} },
  ])('$says is noted as $notes', ({ pages, notes }) => {
    expect(meet(pages, {}, 'end').notes).toEqual(notes);
  });

  test('keeps what earlier runs noted', () => {
    const before = { total: 5, hasMoved: true, hasGap: true, mayLack: true, isUneven: true, hasUnknown: true } as const;
    expect(meet([], { before }).notes).toEqual(before);
    const { notes } = meet([{ at: [9, 8], total: 4, number: 3 }], { before: { total: 5 } });
    expect(notes).toEqual({ total: 4, hasMoved: true });
  });

  test.each([4, 6])('has a gap once one is left, and may lack records if the total fell from 5: %i', (total) => {
    const { seams } = meet([{ at: [9, 8], total }], { before: { total: 5 } });
    expect(seams.notes()).toEqual({ total, hasMoved: true });
    seams.leaveGap();
    expect(seams.notes()).toEqual({ total, hasMoved: true, hasGap: true, ...(total < 5 && { mayLack: true }) });
  });

  test.each([
    { isVerified: false, isResumed: false, mayGoBack: false },
    { isVerified: true, isResumed: false, mayGoBack: true },
    { isVerified: false, isResumed: true, mayGoBack: true },
  ])('verified: $isVerified, resumed: $isResumed may be read backwards: $mayGoBack', ({ mayGoBack, ...options }) => {
    expect(meet([], options).seams.mayGoBack).toBe(mayGoBack);
  });

  test('covers the stretches of its pages, from after all records to before all', () => {
    const { stretches, ties } = meet([{ at: [9, 8] }, { at: [7, 6] }], {}, 'end');
    expect(stretches).toEqual([
      [8000, AFTER_ALL],
      [6000, 7000],
      [BEFORE_ALL, 7000],
    ]);
    expect(ties).toEqual([]);
  });

  test.each([
    { says: 'that share their instant', pages: [{ at: [9, 8] }, { at: [8, 7] }], ties: [8000] },
    { says: 'of which one has no instant', pages: [{ at: [9, null] }, { at: [7, 6] }], ties: [NO_INSTANT] },
    { says: 'on pages that do not follow', pages: [{ at: [9, 8] }, { at: [8, 7], number: 3 }], ties: [] },
    { says: 'of pages without an end', pages: [{ at: [9, 8] }, { at: [] }], ties: [] },
  ])('between two records $says may change places', ({ pages, ties }) => {
    expect(meet(pages).ties).toEqual(ties);
  });
});
