import { describe, expect, test } from 'vitest';
import { AFTER_ALL, BEFORE_ALL, NO_INSTANT, newCoverage } from '../../../../functions/lake/digest/scan-notes.ts';

type Span = readonly [from: number, to: number];

function covering(spans: readonly Span[], ties: readonly number[] = []) {
  const coverage = newCoverage();
  for (const [from, to] of spans) coverage.add(from, to);
  for (const at of ties) coverage.addTie(at);
  return coverage;
}

describe('the stretches of a list', () => {
  test.each<{ added: Span[]; spans: number[] }>([
    { added: [], spans: [] },
    { added: [[3, 5]], spans: [3, 5] },
    { added: [[5, 5]], spans: [] },
    { added: [[5, 3]], spans: [] },
    {
      added: [
        [3, 5],
        [7, 9],
      ],
      spans: [3, 5, 7, 9],
    },
    {
      added: [
        [7, 9],
        [3, 5],
      ],
      spans: [3, 5, 7, 9],
    },
    {
      added: [
        [3, 5],
        [5, 9],
      ],
      spans: [3, 5, 5, 9],
    },
    {
      added: [
        [3, 6],
        [5, 9],
      ],
      spans: [3, 9],
    },
    {
      added: [
        [5, 9],
        [3, 6],
      ],
      spans: [3, 9],
    },
    {
      added: [
        [3, 9],
        [4, 5],
      ],
      spans: [3, 9],
    },
    {
      added: [
        [4, 5],
        [3, 9],
      ],
      spans: [3, 9],
    },
    {
      added: [
        [1, 2],
        [3, 4],
        [5, 6],
        [2, 5],
      ],
      spans: [1, 2, 2, 5, 5, 6],
    },
    {
      added: [
        [1, 2],
        [3, 4],
        [5, 6],
        [1, 6],
      ],
      spans: [1, 6],
    },
    {
      added: [
        [BEFORE_ALL, 2],
        [2, AFTER_ALL],
      ],
      spans: [BEFORE_ALL, 2, 2, AFTER_ALL],
    },
  ])('that $added add are $spans', ({ added, spans }) => {
    expect(covering(added).stored()).toEqual({ spans, ties: [] });
  });

  test('are continued by another run', () => {
    const first = covering([[3, 5]], [5]).stored();
    const second = newCoverage(JSON.parse(JSON.stringify(first)));
    second.add(5, 9);
    second.addTie(9);
    expect(second.stored()).toEqual({ spans: [3, 5, 5, 9], ties: [5, 9] });
    expect(first).toEqual({ spans: [3, 5], ties: [5] });
  });
});

describe('a record', () => {
  const spans: Span[] = [
    [3, 5],
    [5, 9],
    [20, AFTER_ALL],
  ];
  test.each([
    { at: 2, place: 'edge' },
    { at: 3, place: 'edge' },
    { at: 4, place: 'inside' },
    { at: 5, place: 'edge' },
    { at: 6, place: 'inside' },
    { at: 9, place: 'edge' },
    { at: 15, place: 'edge' },
    { at: 99, place: 'inside' },
  ])('at $at would be $place', ({ at, place }) => {
    expect(covering(spans).judge(at)).toBe(place);
  });

  test.each([
    { says: 'shares its instant at an edge', ties: [5], at: 5, place: 'tied' },
    { says: 'is at another edge', ties: [5], at: 9, place: 'edge' },
    { says: 'is inside a page', ties: [5], at: 4, place: 'inside' },
    { says: 'may be anywhere, as one without an instant is at an edge', ties: [NO_INSTANT], at: 9, place: 'tied' },
    { says: 'is inside a page, and one without an instant at an edge', ties: [NO_INSTANT], at: 4, place: 'inside' },
  ])('that $says is $place', ({ ties, at, place }) => {
    const coverage = covering(spans, ties);
    expect(coverage.hasTies()).toBe(true);
    expect(coverage.judge(at)).toBe(place);
  });

  test('shares its instant with none where there is no tie', () => {
    expect(covering(spans).hasTies()).toBe(false);
  });
});
