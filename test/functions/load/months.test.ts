import { expect, test } from 'vitest';
import { monthsOf } from '../../../functions/load/months.ts';
import type { StagedFile } from '../../../functions/ports.ts';

const file = (partFrom: string, partTo: string): StagedFile => ({
  ...{ table: 't', key: 'k', rows: 1, deletes: 0 },
  ...{ partFrom, partTo },
});

test.each([
  [
    'a file within a longer one',
    [
      ['2026-01-05', '2026-06-01'],
      ['2026-02-01', '2026-03-02'],
    ],
    [['2026-01-01', '2026-06-30']],
  ],
  [
    'files that overlap, in any order',
    [
      ['2026-02-10', '2026-04-01'],
      ['2026-01-31', '2026-02-20'],
    ],
    [['2026-01-01', '2026-04-30']],
  ],
  [
    'months that follow one another',
    [
      ['2025-12-31', '2025-12-31'],
      ['2026-01-01', '2026-01-01'],
    ],
    [['2025-12-01', '2026-01-31']],
  ],
  [
    'months with another between them',
    [
      ['2024-02-29', '2024-02-29'],
      ['2024-04-01', '2024-04-30'],
    ],
    [
      ['2024-02-01', '2024-02-29'],
      ['2024-04-01', '2024-04-30'],
    ],
  ],
  ['none', [], []],
])('the months of %s', (_what, files, expected) => {
  expect(monthsOf(files.map(([from = '', to = '']) => file(from, to)))).toEqual(
    expected.map(([partFrom, partTo]) => ({ partFrom, partTo })),
  );
});
