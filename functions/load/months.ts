import { StateError } from '../errors.ts';
import type { StagedFile } from '../ports.ts';

/** A range of `_part_on`, `YYYY-MM-DD`, both ends inclusive. */
export interface PartSpan {
  readonly partFrom: string;
  readonly partTo: string;
}

/** Months since year 0. */
export function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

/** `YYYY-MM` of a number of months since year 0. */
export function monthName(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Replaces a day that does not exist, such as `2024-02-31`, by the last day of its month. */
export function realDay(day: string): string {
  const lastOfMonth = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
  return Number(day.slice(8)) > lastOfMonth ? `${day.slice(0, 8)}${lastOfMonth}` : day;
}

/** The calendar months that have rows of the files, in order; months that follow one another are one range. */
export function monthsOf(files: readonly StagedFile[]): readonly PartSpan[] {
  const spans: { from: number; to: number }[] = [];
  const ranges = files.map(({ partFrom, partTo }) => ({ from: monthOf(partFrom), to: monthOf(partTo) }));
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => ({
    partFrom: `${monthName(from)}-01`,
    partTo: realDay(`${monthName(to)}-31`),
  }));
}

/** The day of a staged file's folder, on which its run was scheduled. @throws StateError if the key has none */
export function folderDayOf({ key }: StagedFile): string {
  const day = /\/day=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
  if (day === undefined)
    throw new StateError(
      `staged file ${key} is not in a folder day=YYYY-MM-DD; update Callhouse, or restore the commit from a copy`,
    );
  return day;
}
