import type { PeriodContext } from '../context.ts';
import { spark } from '../draw/spark.ts';
import type { DayFigures } from '../facts.ts';
import { addDays, daysFrom } from '../period.ts';

const SPARK_DAYS = 28;

/** A value of each of the last 28 days, over all accounts. */
export function daily({ facts, period }: PeriodContext, of: (days: readonly DayFigures[]) => number | null): string {
  const dates = daysFrom(addDays(period.to, 1 - SPARK_DAYS), period.to);
  return spark(dates.map((date) => of(facts.days.filter((day) => day.date === date))));
}

/** The sum of what is known; null if nothing is. */
export function sum(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((total, value) => total + value, 0);
}

/** Share of the calls that were answered in time, 0 to 1. Vendors that give no wait would sink the level with their missed calls. */
export function levelOf(days: readonly DayFigures[]): number | null {
  const telling = days.filter(({ waited }) => waited !== null);
  const base = (sum(telling.map(({ waited }) => waited)) ?? 0) + (sum(telling.map(({ missed }) => missed)) ?? 0);
  return base === 0 ? null : (sum(telling.map(({ inTarget }) => inTarget)) ?? 0) / base;
}

/** 0 to 1; null if there is nothing to divide. */
export function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || !whole ? null : part / whole;
}
