import { describe, expect, test } from 'vitest';
import { pageOfSize, smallerPage } from '../../../../functions/extract/pages/page-size.ts';

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
