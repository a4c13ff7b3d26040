import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hiddenRows } from '../../../functions/report/suppress.ts';

const hidden = (rows: readonly number[], minimum = 11) =>
  [
    ...hiddenRows(
      rows.map((row) => [row]),
      minimum,
    ),
  ].sort((a, b) => a - b);

describe('small counts', () => {
  test.each([
    ['nothing is small', [11, 40, 0], []],
    ['one takes the next smallest with it', [50, 3, 20, 0, 30], [1, 2]],
    ['two that are small together take a third', [4, 5, 60, 70], [0, 1, 2]],
    ['two whose sum is not small are enough', [6, 7, 60], [0, 1]],
    ['a zero hides nothing, and is not hidden', [0, 3, 40], [1, 2]],
    ['nobody else is there', [0, 3, 0], [1]],
  ])('%s', (_, rows, places) => expect(hidden(rows)).toEqual(places));

  test('a minimum of 1 hides nothing', () => expect(hidden([1, 2, 3], 1)).toEqual([]));

  test('a row of two parts is hidden with its smaller one', () => {
    expect(
      [
        ...hiddenRows(
          [
            [500, 3],
            [80, 90],
            [70, 60],
          ],
          11,
        ),
      ].sort(),
    ).toEqual([0, 2]);
  });

  test('none is shown, and the total tells none, whatever the counts are', () => {
    const rows = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 2 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (counts, minimum) => {
        const places = hiddenRows(counts, minimum);
        const isSmall = (count = 0) => count > 0 && count < minimum;
        for (const [place, row] of counts.entries()) if (!places.has(place)) expect(row.some(isSmall)).toBe(false);
        const canHideMore = counts.some((row, place) => !places.has(place) && row.some((count) => count > 0));
        const sums = [0, 1].map((part) => [...places].reduce((sum, place) => sum + (counts[place]?.[part] ?? 0), 0));
        if (canHideMore) expect(sums.some(isSmall)).toBe(false);
      }),
    );
  });
});
