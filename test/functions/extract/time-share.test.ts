import { describe, expect, test } from 'vitest';
import { timeShare } from '../../../functions/extract/take-turns.ts';

describe('the time of a run', () => {
  test.each([
    { says: 'a stream that others wait for gets half of what is left', left: 100, isLast: false, reserve: 55 },
    { says: 'the last one gets all of it', left: 100, isLast: true, reserve: 10 },
    { says: 'one that begins without time gets none', left: 5, isLast: false, reserve: 10 },
    { says: 'one that begins at the last moment gets none', left: 10, isLast: false, reserve: 10 },
    { says: 'one of a run without a limit gets as much as it needs', left: Infinity, isLast: false, reserve: 10 },
  ])('is shared: $says', ({ left, isLast, reserve }) => {
    const time = timeShare({ remainingMs: () => left }, 10);
    time.share(isLast);
    expect(time.reserveMs()).toBe(reserve);
  });

  test('is shared anew for each stream', () => {
    let left = 110;
    const time = timeShare({ remainingMs: () => left }, 10);
    expect(time.reserveMs()).toBe(10);
    time.share(false);
    expect(time.reserveMs()).toBe(60);
    left = 50;
    time.share(false);
    expect(time.reserveMs()).toBe(30);
    time.share(true);
    expect(time.reserveMs()).toBe(10);
  });
});
