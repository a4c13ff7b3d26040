import { describe, expect, test } from 'vitest';
import {
  describeDetailsLeft,
  describeLeft,
  pageOfSize,
  smallerPage,
} from '../../../../functions/extract/pages/page-size.ts';
import type { PartitionScan } from '../../../../functions/extract/pages/scan.ts';
import { unitPartition } from '../../../helpers/session.ts';

describe.each([0, 1])('of a list whose first page is %d', (first) => {
  test.each([
    [50, 25],
    [100, 50],
    [25, 5],
    [5, 1],
    [7, 1],
    [2, 1],
  ])('a page of %d records is requested as pages of %d', (size, smaller) => {
    for (const place of [0, 1, 2, 9]) {
      const next = smallerPage({ page: first + place, size }, first);
      expect(next).toEqual({ page: first + (place * size) / smaller, size: smaller });
      // A run that is cut there continues with the page of the declared size that holds the first record not read.
      for (let n = 0; n < size / smaller; n += 1)
        expect(pageOfSize({ page: (next?.page ?? 0) + n, size: smaller }, size, first)).toBe(first + place);
    }
  });

  test('a page of one record cannot be made smaller', () => {
    expect(smallerPage({ page: first + 3, size: 1 }, first)).toBeUndefined();
  });
});

describe('what is left of a read that is cut', () => {
  const lists = ['a', 'b', 'c'].map((id) => unitPartition(id));
  const left = (place: number, total: number | undefined, isLast?: boolean) => {
    const request = () => ({ partition: unitPartition('abc'[place] ?? ''), page: 3, size: 10 });
    const scan = { request, total: () => total } as unknown as PartitionScan;
    return describeLeft(lists, scan, { firstPage: 1, isLast });
  };
  test.each([
    { place: 2, total: 50, says: 'about 30 of 50 records of a list are left' },
    { place: 2, total: 15, says: 'about 0 of 15 records of a list are left' },
    { place: 2, total: undefined, says: 'the pages of a list from 3 on are left' },
    { place: 1, total: 50, says: 'about 30 of 50 records of a list are left, and 1 further list' },
    { place: 0, total: 50, says: 'about 30 of 50 records of a list are left, and 2 further lists' },
    { place: 2, total: 50, isLast: true, says: 'about 30 of 50 records of a list are left' },
    { place: 2, total: 50, isLast: false, says: 'about 30 of 50 records of a list are left, and windows before it' },
    {
      place: 1,
      total: undefined,
      isLast: false,
      says: 'the pages of a list from 3 on are left, and windows before it, and 1 further list',
    },
  ])('in list $place of three with total $total, last window $isLast: $says', ({ place, total, isLast, says }) => {
    expect(left(place, total, isLast)).toBe(says);
  });

  test.each([
    ['a', 3],
    ['c', 1],
  ])('of details, from %s on: %d records', (next, count) => {
    expect(describeDetailsLeft(lists, unitPartition(next))).toBe(`the details of ${count} records are left`);
  });
});
