import { describe, expect, test } from 'vitest';
import { newRejects } from '../../../../functions/extract/rows/coerce.ts';

describe('rejects', () => {
  test('are counted by table, column and reason, in the order in which they came', () => {
    const rejects = newRejects();
    rejects.add('calls', 'at', 'other text');
    rejects.add('calls', 'at', 'an object');
    rejects.add('calls', 'at', 'other text');
    rejects.add('people', 'at', 'other text');
    rejects.add('calls', '', 'other text');
    expect(rejects.take()).toEqual({
      rejects: [
        { table: 'calls', column: 'at', reason: 'other text', count: 2 },
        { table: 'calls', column: 'at', reason: 'an object', count: 1 },
        { table: 'people', column: 'at', reason: 'other text', count: 1 },
        { table: 'calls', column: '', reason: 'other text', count: 1 },
      ],
      refused: 5,
    });
  });

  test('whose value was kept are listed, and not counted as refused', () => {
    const rejects = newRejects();
    rejects.add('calls', 'at', 'no time zone', false);
    rejects.add('calls', 'at', 'no time zone', true);
    expect(rejects.take()).toEqual({
      rejects: [{ table: 'calls', column: 'at', reason: 'no time zone', count: 2 }],
      refused: 1,
    });
  });

  test('are returned once', () => {
    const rejects = newRejects();
    rejects.add('calls', 'at', 'other text');
    const first = rejects.take();
    expect(rejects.take()).toEqual({ rejects: [], refused: 0 });
    rejects.add('calls', 'at', 'other text');
    expect(first.rejects).toEqual([{ table: 'calls', column: 'at', reason: 'other text', count: 1 }]);
    expect(rejects.take()).toEqual(first);
  });

  test('keep apart names that are only equal when joined', () => {
    const rejects = newRejects();
    rejects.add('a', 'bc', 'r');
    rejects.add('ab', 'c', 'r');
    expect(rejects.take().rejects.map(({ count }) => count)).toEqual([1, 1]);
  });
});
