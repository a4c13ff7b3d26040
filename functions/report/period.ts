import { dayText, parseDay } from '../time.ts';

/** Seven days. All days are `YYYY-MM-DD` on the clinic's clock. */
export interface Week {
  readonly from: string;
  /** Last of the seven days. */
  readonly to: string;
}

/** What the page looks at: seven complete days, and the weeks before them. */
export interface Period extends Week {
  /** First day of the charts. */
  readonly first: string;
  /** The weeks of the charts, oldest first; the last one is the period. */
  readonly weeks: readonly Week[];
}

const DAYS = 7;

/** The seven days that end before a day, and the weeks before them. @param until the first day that was not read to its end */
export function periodBefore(until: string, weeks: number): Period {
  const to = addDays(until, -1);
  const list = Array.from({ length: weeks }, (_, n) => weekTo(addDays(to, -DAYS * (weeks - 1 - n))));
  const first = list[0]?.from ?? to;
  return { ...weekTo(to), first, weeks: list };
}

/** The period without the weeks before the first day that has calls, but with two weeks at least. */
export function sinceFirstCall(period: Period, firstDay: string | undefined): Period {
  const { weeks } = period;
  const begun = weeks.filter(({ to }, n) => n >= weeks.length - 2 || (firstDay !== undefined && to >= firstDay));
  return { ...period, weeks: begun, first: begun[0]?.from ?? period.first };
}

function weekTo(to: string): Week {
  return { from: addDays(to, 1 - DAYS), to };
}

/** The day that is `days` later; earlier if negative. */
export function addDays(day: string, days: number): string {
  return dayText((parseDay(day) ?? Number.NaN) + days);
}

/** All days from one to another, both included. */
export function daysFrom(first: string, last: string): readonly string[] {
  const [start, end] = [parseDay(first) ?? 0, parseDay(last) ?? -1];
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, n) => dayText(start + n));
}

/** Day of the week by ISO 8601: 1 is Monday. */
export function weekdayOf(day: string): number {
  // The epoch was a Thursday.
  return (((((parseDay(day) ?? 0) + 3) % 7) + 7) % 7) + 1;
}
