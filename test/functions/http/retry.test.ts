import { describe, expect, test } from 'vitest';
import { backoffMs, LONGEST_WAIT_MS, mostTries } from '../../../functions/http/pacing.ts';

const TRIES = [1, 2, 3, 4, 5, 6, 7];

describe('the back-off', () => {
  test('doubles from half a second to eight seconds at its longest', () => {
    expect(TRIES.map((tries) => backoffMs(tries, () => 1))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('is random below that, down to nothing', () => {
    expect(TRIES.map((tries) => backoffMs(tries, () => 0.5))).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
    expect(TRIES.map((tries) => backoffMs(tries, () => 0))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('draws one random number for each try', () => {
    const draws = [0.1, 0.2, 0.3];
    expect([1, 2, 3].map((tries) => backoffMs(tries, () => draws.shift() ?? Number.NaN))).toEqual([50, 200, 600]);
  });
});

describe('the number of tries', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'is five where nobody answers: %s',
    (code) => {
      expect(mostTries(code)).toBe(5);
    },
  );

  test.each([
    undefined,
    '',
    'ECONNRESET',
    'EAI_AGAIN',
    'UND_ERR_SOCKET',
    'ECONNREFUSED_',
    '_ENOTFOUND',
    'no answer within 15 s',
  ])('is eight for every other failure: %s', (code) => {
    expect(mostTries(code)).toBe(8);
  });
});

test('a vendor may ask for five minutes of patience', () => {
  expect(LONGEST_WAIT_MS).toBe(5 * 60_000);
});
