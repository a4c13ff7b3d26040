import type { Commit } from '../lake/commit.ts';
import type { StagedFile } from '../ports.ts';

/** Bounds of what one MERGE takes, for the engines' sake. */
export interface BatchLimits {
  /** @default 200 */
  readonly commits: number;
  /** Rows over all tables; a commit alone may hold more. @default 200000 */
  readonly rows: number;
}

/** Keeps statements far below Athena's 256 KiB and a batch's rows within DuckDB's default memory. */
export const BATCH_LIMITS: BatchLimits = { commits: 200, rows: 200_000 };

/**
 * Commits that are merged together. A commit that removes rows starts a new batch: of a row that came and went within one
 * batch only the removal would be left, and nothing for it to mark.
 */
export async function* batchCommits(
  commits: AsyncIterable<Commit>,
  limits: BatchLimits = BATCH_LIMITS,
): AsyncGenerator<readonly Commit[]> {
  let batch: Commit[] = [];
  let rows = 0;
  for await (const commit of commits) {
    const more = sum(commit.staged.map((file) => file.rows));
    const removes = commit.staged.some((file) => file.deletes > 0);
    if (batch.length > 0 && (removes || batch.length >= limits.commits || rows + more > limits.rows)) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(commit);
    rows += more;
  }
  if (batch.length > 0) yield batch;
}

/** A stretch of `_part_on`, both ends inclusive. */
export interface PartSpan {
  readonly partFrom: string;
  readonly partTo: string;
}

/** Athena opens at most 100 partitions in one statement, and a partition is a month of an account. */
const SPAN_MONTHS = 24;

/** Stretches of at most 24 calendar months that together cover the files; stretches without a file's rows are left out. */
export function partSpans(files: readonly StagedFile[]): readonly PartSpan[] {
  const first = files.map((file) => file.partFrom).sort()[0];
  const last = files
    .map((file) => file.partTo)
    .sort()
    .at(-1);
  if (first === undefined || last === undefined) return [];
  const spans: PartSpan[] = [];
  for (let month = monthOf(first); month <= monthOf(last); month += SPAN_MONTHS) {
    const partFrom = later(first, `${monthName(month)}-01`);
    const partTo = earlier(last, `${monthName(month + SPAN_MONTHS - 1)}-31`);
    if (files.some((file) => file.partFrom <= partTo && file.partTo >= partFrom))
      spans.push({ partFrom, partTo: realDay(partTo) });
  }
  return spans;
}

function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

function monthName(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** `2024-02-31` is no day: its month's last one. */
function realDay(day: string): string {
  const lastOfMonth = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
  return Number(day.slice(8)) > lastOfMonth ? `${day.slice(0, 8)}${lastOfMonth}` : day;
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
