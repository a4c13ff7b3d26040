import { describe, expect, test } from 'vitest';
import type { Commit } from '../../../functions/lake/commit.ts';
import { batchCommits, partSpans } from '../../../functions/load/batch.ts';
import type { StagedFile } from '../../../functions/ports.ts';
import { collect } from '../../helpers/collect.ts';

function file(partFrom: string, partTo: string, more: Partial<StagedFile> = {}): StagedFile {
  return { table: 't', key: 'k', rows: 1, deletes: 0, partFrom, partTo, ...more };
}

async function* commits(...staged: readonly (readonly Partial<StagedFile>[])[]): AsyncGenerator<Commit> {
  for (const [index, files] of staged.entries()) {
    yield { n: index + 1, staged: files.map((more) => file('2026-01-01', '2026-01-01', more)) } as unknown as Commit;
  }
}

async function numbersOf(source: AsyncIterable<Commit>, limits = { commits: 3, rows: 10 }) {
  return (await collect(batchCommits(source, limits))).map((batch) => batch.map(({ n }) => n));
}

describe('batchCommits', () => {
  test('returns no batch if there are no commits', async () => {
    expect(await numbersOf(commits())).toEqual([]);
  });

  test('fills a batch up to the largest number of commits', async () => {
    expect(await numbersOf(commits([{}], [], [{}], [{}]))).toEqual([[1, 2, 3], [4]]);
  });

  test('fills a batch up to the largest number of rows, and puts a larger commit into a batch alone', async () => {
    expect(await numbersOf(commits([{ rows: 6 }], [{ rows: 4 }], [{ rows: 1 }], [{ rows: 99 }]))).toEqual([
      [1, 2],
      [3],
      [4],
    ]);
  });

  test('starts a batch with every commit that contains deletions, so that the deleted rows exist already', async () => {
    expect(await numbersOf(commits([{}], [{}, { deletes: 1 }], [{}], [{ deletes: 2 }]))).toEqual([[1], [2, 3], [4]]);
  });
});

describe('partSpans', () => {
  test('returns one range from the first day to the last if that is at most 24 months', () => {
    expect(partSpans([file('2025-02-10', '2026-12-31'), file('2025-01-31', '2025-02-01')])).toEqual([
      { partFrom: '2025-01-31', partTo: '2026-12-31' },
    ]);
  });

  test('divides a longer range at ends of months', () => {
    expect(partSpans([file('2020-03-15', '2024-03-01')])).toEqual([
      { partFrom: '2020-03-15', partTo: '2022-02-28' },
      { partFrom: '2022-03-01', partTo: '2024-02-29' },
      { partFrom: '2024-03-01', partTo: '2024-03-01' },
    ]);
  });

  test('leaves out ranges that contain no rows', () => {
    expect(partSpans([file('1970-01-01', '1970-01-01'), file('2026-01-01', '2026-01-31')])).toEqual([
      { partFrom: '1970-01-01', partTo: '1971-12-31' },
      { partFrom: '2026-01-01', partTo: '2026-01-31' },
    ]);
  });

  test('ends with the last day, also of the year 9999', () => {
    expect(partSpans([file('2025-03-01', '2025-03-01'), file('9999-12-31', '9999-12-31')])).toEqual([
      { partFrom: '2025-03-01', partTo: '2027-02-28' },
      { partFrom: '9999-03-01', partTo: '9999-12-31' },
    ]);
  });

  test('returns no range if there are no files', () => {
    expect(partSpans([])).toEqual([]);
  });
});
