import { describe, expect, test } from 'vitest';
import { answer, readOne } from '../../../helpers/read-one.ts';

describe('a page without a list', () => {
  test.each([
    { isDoubtful: true, isClean: false },
    { isDoubtful: false, isClean: true },
  ])('that is doubtful ($isDoubtful) makes the scan prove removals: $isClean', async ({ isDoubtful, isClean }) => {
    const first = await readOne([answer([], { more: false, isDoubtful })]);
    expect(first.outcome).toMatchObject({ isClean, isShort: false });
    const last = await readOne([answer(['a'], { more: true }), answer([], { more: false, isDoubtful })]);
    expect(last.outcome.isClean).toBe(isClean);
    expect([...last.outcome.keys]).toEqual(['a']);
  });
});

describe('pages that begin with the last record of the page before', () => {
  const paging = 'overlapping';
  const pages = [
    answer(['a', 'b'], { more: true, next: '1', paging, total: 3 }),
    answer(['b', 'c'], { more: true, next: '2', paging, total: 3 }),
    answer(['c'], { more: false, paging, total: 3 }),
  ];

  test('are in order, and what they show twice does not count', async () => {
    const { outcome, asked } = await readOne(pages);
    expect(outcome).toMatchObject({ isClean: true, isShort: false });
    expect([outcome.scan?.isDisordered(), outcome.scan?.uncounted()]).toEqual([false, 0]);
    expect(asked).toHaveLength(3);
  });

  test('may be the same twice, at the end of a short list', async () => {
    const { outcome, asked } = await readOne([
      answer(['a'], { more: true, next: '1', paging }),
      answer(['a'], { more: false, paging }),
    ]);
    expect(outcome).toMatchObject({ isClean: true });
    expect(asked).toHaveLength(2);
  });
});
