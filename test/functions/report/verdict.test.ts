import { describe, expect, test } from 'vitest';
import { type ComparedFigure, verdictOf } from '../../../functions/report/verdict.ts';

const figure = (more: Partial<ComparedFigure>): ComparedFigure => ({
  ...{ unit: 'calls', better: -1, value: 0, base: 100, previous: 0, previousBase: 100, isComplete: true },
  ...more,
});

describe('a figure beside that of the week before', () => {
  test.each([
    ['counts that chance may make', { value: 120, previous: 100 }, 'plain', '▲ 20 (+20%), no clear change'],
    ['more of what is bad', { value: 130, previous: 100 }, 'bad', '▲ 30 (+30%), worse'],
    ['less of what is bad', { value: 100, previous: 130 }, 'good', '▼ 30 (−23%), better'],
    ['a change that is neither', { value: 130, previous: 100, better: 0 }, 'plain', '▲ 30 (+30%)'],
    ['the same', { value: 7, previous: 7 }, 'plain', 'same as the week before'],
    [
      'days that were not all read',
      { value: 9, previous: 90, isComplete: false },
      'late',
      '◐ not all read, not compared',
    ],
    ['no week before', { value: 9, previous: null }, 'plain', 'nothing to compare with'],
    ['from nothing', { value: 9, previous: 0 }, 'bad', '▲ 9, worse'],
    [
      'shares of few calls',
      { unit: 'ratio', better: 1, value: 0.5, previous: 0.6, base: 20, previousBase: 20 },
      'plain',
      '▼ 10.0 points, no clear change',
    ],
    [
      'shares of many calls',
      { unit: 'ratio', better: 1, value: 0.5, previous: 0.6, base: 900, previousBase: 900 },
      'bad',
      '▼ 10.0 points, worse',
    ],
    [
      'a share of no calls',
      { unit: 'ratio', value: 0.5, previous: 0.6, base: 0 },
      'plain',
      '▼ 10.0 points, no clear change',
    ],
    [
      'waits of few calls',
      { unit: 's', value: 20, previous: 30, base: 10, previousBase: 10 },
      'plain',
      '▼ 10 s (−33%), no clear change',
    ],
    [
      'waits of many calls',
      { unit: 's', value: 20, previous: 30, base: 400, previousBase: 400 },
      'good',
      '▼ 10 s (−33%), better',
    ],
    [
      'less than a second',
      { unit: 's', value: 20.2, previous: 20, base: 400 },
      'plain',
      'about the same as the week before',
    ],
    [
      'less than a tenth',
      { unit: 'currency', value: 109, previous: 100, base: 9000, previousBase: 9000 },
      'plain',
      '▲ $9.00 (+9%), no clear change',
    ],
  ] as const)('%s', (_, more, tone, text) => {
    expect(verdictOf(figure(more), 'USD')).toMatchObject({ tone, text });
  });

  test('is nothing without a figure', () => {
    expect(verdictOf(undefined)).toEqual({ tone: 'plain', isClear: false, text: 'nothing to compare with' });
  });
});
