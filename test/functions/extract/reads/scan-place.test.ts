import { describe, expect, test } from 'vitest';
import type { ScanPage } from '../../../../functions/extract/pages/read-guide.ts';
import {
  positionAfter,
  positionAt,
  seamNotesOf,
  shareOf,
  startOf,
} from '../../../../functions/extract/reads/scan-position.ts';
import type { ScanPosition } from '../../../../functions/lake/scan-progress.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { unitPartition } from '../../../helpers/session.ts';

const at = (page: number, more: Partial<ScanPosition> = {}): ScanPosition => ({
  partition: 'x',
  page,
  size: 2,
  ...more,
});
const dates = (from: number, to?: number) => ({ from: new Date(from), ...(to !== undefined && { to: new Date(to) }) });

describe('a run that continues a scan begins', () => {
  test.each([
    { says: 'a page before the next one', position: at(5, { token: 't' }), start: { page: 4, size: 2, token: 't' } },
    {
      says: 'at the next one, if the last run came no farther',
      position: at(5, { isHeldUp: true }),
      start: { page: 5, size: 2 },
    },
    {
      says: 'a window at its first page, without a token',
      position: at(5, { token: 't', window: { from: 1, to: 2 } }),
      start: { page: 0, size: 2, window: dates(1, 2) },
    },
    {
      says: 'an open window that was cut before, a page before the next one',
      position: at(5, { window: { from: 1 }, isAgain: true }),
      start: { page: 4, size: 2, window: dates(1) },
    },
    { says: 'another list anew', position: at(5, { partition: 'y' }), start: undefined },
    { says: 'anew, if there is no position', position: undefined, start: undefined },
  ])('$says', ({ position, start }) => {
    expect(startOf(position, 'x')).toEqual(start);
  });
});

describe('a scan that requests a page', () => {
  const asked = (page: number, window?: { from: Date; to?: Date }) =>
    ({ partition: unitPartition('x'), page, size: 2, ...(window && { window }) }) as const;
  test.each([
    { says: 'of a list that it reads', request: asked(3), now: at(5), place: undefined },
    { says: 'of another list', request: asked(3), now: at(5, { partition: 'y', isUnclean: true }), place: at(3) },
    { says: 'of its first list', request: asked(3), now: undefined, place: at(3) },
    {
      says: 'of the same window',
      request: asked(3, dates(1, 2)),
      now: at(5, { window: { from: 1, to: 2 } }),
      place: undefined,
    },
    {
      says: 'of a window with another begin',
      request: asked(3, dates(0, 2)),
      now: at(5, { window: { from: 1, to: 2 } }),
      place: at(3, { window: { from: 0, to: 2 } }),
    },
    {
      says: 'of a window with another end',
      request: asked(3, dates(1, 3)),
      now: at(5, { window: { from: 1, to: 2 } }),
      place: at(3, { window: { from: 1, to: 3 } }),
    },
    {
      says: 'of a window without an end',
      request: asked(3, dates(1)),
      now: at(5, { window: { from: 1, to: 2 } }),
      place: at(3, { window: { from: 1 } }),
    },
    {
      says: 'of a later window of a list that contradicted itself',
      request: asked(3, dates(0, 1)),
      now: at(5, { window: { from: 1, to: 2 }, isUnclean: true }),
      place: at(3, { window: { from: 0, to: 1 }, isUnclean: true }),
    },
  ])('$says is there: $place', ({ request, now, place }) => {
    expect(positionAt(request, now)).toEqual(place);
  });
});

/** A page of list x that was requested with records of this size, and how many pages the walk has taken. */
function page(number: number, more: Partial<ScanPage> & { size?: number; window?: object; pages?: number } = {}) {
  const { size = 2, window, pages = 2, ...rest } = more;
  const scan = {
    request: () => ({ size, ...(window && { window }) }),
    resumeAfter: (n: number) => 100 + n,
    summary: () => ({ pages }),
    total: () => 10,
  };
  return { partition: unitPartition('x'), number, isJoined: true, scan, ...rest } as unknown as ScanPage;
}

describe('a run that is cut after a page is continued', () => {
  const window = dates(1, 2);
  const stored = { from: 1, to: 2 };
  test.each([
    { says: 'after it', own: page(4), now: at(4), begin: undefined, place: at(5) },
    {
      says: 'after it, with its token',
      own: page(4, { token: 't', next: 'n' }),
      now: at(4),
      begin: undefined,
      place: at(5, { token: 't' }),
    },
    {
      says: 'where it was, if it did not join',
      own: page(4, { isJoined: false }),
      now: at(2),
      begin: undefined,
      place: at(2),
    },
    {
      says: 'at the page before its place, if that did not join, so that the next run goes back farther',
      own: page(4, { isJoined: false, pages: 1 }),
      now: at(5),
      begin: at(5),
      place: at(4),
    },
    {
      says: 'where it was, with its token, if the page before did not join',
      own: page(4, { isJoined: false, pages: 1, token: 't', next: 'n' }),
      now: at(5),
      begin: at(5),
      place: at(5, { token: 't' }),
    },
    {
      says: 'at it, if the first one did not join',
      own: page(4, { isJoined: false }),
      now: undefined,
      begin: undefined,
      place: at(4),
    },
    { says: 'in pages of the usual size', own: page(4, { size: 1 }), now: at(4), begin: undefined, place: at(104) },
    {
      says: 'in pages that are larger',
      own: page(4, { size: 3 }),
      now: at(4),
      begin: undefined,
      place: at(5, { size: 3 }),
    },
    {
      says: 'with the page after the next, as there was time for one alone',
      own: page(4, { pages: 1, token: 't', next: 'n' }),
      now: at(5),
      begin: at(5),
      place: at(5, { isHeldUp: true, token: 'n' }),
    },
    {
      says: 'with that page again, if the next one has no token, though the vendor uses tokens',
      own: page(4, { pages: 1, unnamedToken: 'next' }),
      now: at(5),
      begin: at(5),
      place: at(5),
    },
    {
      says: 'as always after one page, if it began elsewhere',
      own: page(4, { pages: 1 }),
      now: at(5),
      begin: at(3),
      place: at(5),
    },
    { says: 'as always after two pages', own: page(4, { pages: 2 }), now: at(5), begin: at(5), place: at(5) },
    {
      says: 'as always if it began another list',
      own: page(4, { pages: 1 }),
      now: at(5),
      begin: at(5, { partition: 'y' }),
      place: at(5),
    },
    { says: 'in its window', own: page(4, { window }), now: at(4), begin: undefined, place: at(5, { window: stored }) },
    {
      says: 'in the window that an earlier run was cut in',
      own: page(4, { window }),
      now: at(4),
      begin: at(3, { window: stored }),
      place: at(5, { window: stored, isAgain: true }),
    },
    {
      says: 'without proof, in a window that was cut twice',
      own: page(4, { window }),
      now: at(4),
      begin: at(3, { window: stored, isAgain: true }),
      place: at(5, { window: stored, isAgain: true, isUnclean: true }),
    },
    {
      says: 'in another window than the one that was cut twice',
      own: page(4, { window }),
      now: at(4),
      begin: at(3, { window: { from: 1, to: 9 }, isAgain: true }),
      place: at(5, { window: stored }),
    },
    {
      says: 'without proof, once a part contradicted itself',
      own: page(4),
      now: at(4, { isUnclean: true }),
      begin: undefined,
      place: at(5, { isUnclean: true }),
    },
  ])('$says', ({ own, now, begin, place }) => {
    expect(positionAfter(own, { now, begin, pageSize: 2 })).toEqual(place);
  });
});

test.each([
  { number: 1, done: {}, share: 0.1 },
  { number: 5, done: {}, share: 0.5 },
  { number: 9, done: {}, share: 0.5 },
  { number: 1, done: { y: 'all' as const }, share: 0.6 },
  { number: 5, done: { y: 'nothing' as const, z: 'all' as const }, share: 1 },
])('after page $number of five in one of two lists, done $done, the share is $share', ({ number, done, share }) => {
  const lists = ['x', 'y', ...('z' in done ? ['z'] : [])].slice(-2).map((id) => unitPartition(id));
  expect(shareOf(lists, page(number), cutScan({ done }))).toBe(share);
});

test.each([
  { position: undefined, notes: {} },
  { position: at(5), notes: {} },
  {
    position: at(5, { total: 0, hasGap: true, isUneven: true, isUnclean: true }),
    notes: { total: 0, hasGap: true, isUneven: true },
  },
])('how pages met before is known from $position: $notes', ({ position, notes }) => {
  expect(seamNotesOf(position)).toEqual(notes);
});
