import type { Commit } from '../lake/commit.ts';
import type { StagedFile } from '../ports.ts';
import { monthName, monthOf, type PartSpan, realDay } from './months.ts';

/** Limits of one batch, that is of one MERGE per table. */
export interface BatchLimits {
  /** Largest number of commits. @default 200 */
  readonly commits: number;
  /** Largest number of rows over all tables. A single commit may contain more. @default 200000 */
  readonly rows: number;
}

/**
 * Keeps statements far below Athena's 256 KiB, and the rows of a batch within DuckDB's default memory.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/service-limits.html}
 */
const BATCH_LIMITS: BatchLimits = { commits: 200, rows: 200_000 };

/**
 * Groups commits into batches that are merged together, in order. A commit with deletions starts a new batch: if a row were added
 * and deleted within one batch, MERGE would see only the deletion and find no row to mark.
 */
export async function* batchCommits(
  commits: AsyncIterable<Commit>,
  limits: BatchLimits = BATCH_LIMITS,
): AsyncGenerator<readonly Commit[]> {
  let batch: Commit[] = [];
  let rows = 0;
  for await (const commit of commits) {
    const more = sum(commit.staged.map((file) => file.rows));
    const hasDeletes = commit.staged.some((file) => file.deletes > 0);
    if (batch.length > 0 && (hasDeletes || batch.length >= limits.commits || rows + more > limits.rows)) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(commit);
    rows += more;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Athena writes at most 100 partitions in one statement. A partition of our tables is one month of one account.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html}
 */
const SPAN_MONTHS = 24;

/** Ranges of at most 24 calendar months that together cover the files. Ranges that contain no rows are left out. */
export function partSpans(files: readonly StagedFile[]): readonly PartSpan[] {
  const first = files.map((file) => file.partFrom).sort()[0];
  const last = files
    .map((file) => file.partTo)
    .sort()
    .at(-1);
  if (first === undefined || last === undefined) return [];
  const spans: PartSpan[] = [];
  const lastMonth = monthOf(last);
  for (let month = monthOf(first); month <= lastMonth; month += SPAN_MONTHS) {
    const partFrom = later(first, `${monthName(month)}-01`);
    // No month after the last one: days of the year 10000 cannot be compared as text.
    const partTo = earlier(last, `${monthName(Math.min(month + SPAN_MONTHS - 1, lastMonth))}-31`);
    if (files.some((file) => file.partFrom <= partTo && file.partTo >= partFrom))
      spans.push({ partFrom, partTo: realDay(partTo) });
  }
  return spans;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
