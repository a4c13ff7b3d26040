import { describe, expect, test } from 'vitest';
import { findHash, HASH_END } from '../../../../functions/lake/digest/shard.ts';

const range = { from: 0, to: HASH_END };

function probesOf(hashes: readonly (readonly [high: number, low: number])[]) {
  const [high, low] = [0, 1].map((half) => Uint32Array.from(hashes, (hash) => hash[half] ?? 0));
  const none = new Uint32Array(hashes.length);
  return { high: high ?? none, low: low ?? none, printHigh: none, printLow: none };
}

describe('a hash', () => {
  const few = probesOf([
    [1, 5],
    [1, 7],
    [1, 7],
    [2, 1],
    [HASH_END - 1, 0],
  ]);
  test.each([
    { high: 1, low: 5, at: 0 },
    { high: 1, low: 7, at: 1 },
    { high: 2, low: 1, at: 3 },
    { high: HASH_END - 1, low: 0, at: 4 },
    { high: 1, low: 6, at: -1 },
    { high: 1, low: 8, at: -1 },
    { high: 2, low: 0, at: -1 },
    { high: 2, low: 2, at: -1 },
    { high: 0, low: 1, at: -1 },
    { high: 3, low: 1, at: -1 },
    { high: HASH_END - 1, low: 1, at: -1 },
  ])('$high $low is at $at', ({ at, ...wanted }) => {
    expect(findHash(few, range, wanted)).toBe(at);
  });

  test('is found wherever the others are', () => {
    for (const step of [1, 1000, 4_000_000]) {
      const hashes = Array.from({ length: 1000 }, (_, n) => [n * step, 3] as const);
      const probes = probesOf(hashes);
      for (const n of [0, 1, 15, 16, 17, 500, 998, 999]) {
        expect(findHash(probes, range, { high: n * step, low: 3 })).toBe(n);
        expect(findHash(probes, range, { high: n * step, low: 2 })).toBe(-1);
      }
    }
  });

  test('is nowhere among none', () => {
    expect(findHash(probesOf([]), range, { high: 1, low: 1 })).toBe(-1);
  });
});
