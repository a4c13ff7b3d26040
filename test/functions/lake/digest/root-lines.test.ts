import { expect, test } from 'vitest';
import { decodeCounts, decodeRoot, encodeCounts, encodeRoot } from '../../../../functions/lake/digest/root-lines.ts';
import { HASH_END } from '../../../../functions/lake/digest/shard.ts';

test('a root is read as it was written: each shard ends where the next one begins', () => {
  const root = {
    entries: [
      { from: 0, to: 70, rows: 5, key: 'a' },
      { from: 70, to: HASH_END, rows: 6, key: 'b' },
    ],
    cursors: [{ from: 0, to: HASH_END, rows: 7, key: 'c' }],
    firstKeys: [],
    next: { entries: 70, cursors: undefined, firstKeys: 3 },
  };
  const stored = JSON.parse(JSON.stringify(encodeRoot(root)));
  expect(decodeRoot(stored)).toEqual(root);
  expect(stored.e[0]).toEqual([0, 5, 'a']);
});

test.each([{ earliestDay: 20_000 }, { earliestDay: undefined }])('counts are read as they were written: %j', (day) => {
  const counts = { live: new Map([['x', 2] as const, [undefined, 3] as const]), ...day };
  expect(decodeCounts(JSON.parse(JSON.stringify(encodeCounts(counts))))).toEqual(counts);
});
