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

describe('empty pages of a list of tokens', () => {
  const empty = (n: number) => answer([], { more: true, next: `t${n}`, paging: 'token' });
  const list = (gap: number) => (page: number) => {
    if (page === 1) return answer(['a', 'b'], { more: true, next: 't1', paging: 'token' });
    if (page <= gap + 1) return empty(page);
    return answer(['c'], { more: false, paging: 'token' });
  };

  test.each([0, 1, 3, 20, 98])('are passed, as vendors that filter show them: %d', async (gap) => {
    const { outcome } = await readOne(({ page }) => list(gap)(page));
    expect(outcome.failure).toBeUndefined();
    expect([...outcome.keys]).toEqual(['a', 'b', 'c']);
  });

  test('end after a hundred, or three that do not move', async () => {
    const endless = await readOne(({ page }) => list(1e9)(page));
    expect(endless.outcome.failure?.message).toContain('100 pages in a row showed nothing new');
    const still = await readOne(({ page }) =>
      page === 1 ? list(0)(1) : answer([], { more: true, next: 't1', paging: 'token' }),
    );
    expect(still.outcome.failure?.message).toContain('3 pages in a row showed nothing new');
  });

  test('are no pages that show what was shown, with a new token each: three of those end the list', async () => {
    const { outcome, asked } = await readOne(({ page }) =>
      answer(page === 1 ? ['a', 'b'] : [page % 2 === 0 ? 'a' : 'b'], { more: true, next: `t${page}`, paging: 'token' }),
    );
    expect(outcome.failure?.message).toContain('3 pages in a row showed nothing new');
    expect(asked).toHaveLength(4);
  });
});
