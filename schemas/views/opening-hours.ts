import { quoteDay } from '../derive/sql-text.ts';
import { type ViewSettings, WEEKDAYS } from './view-settings.ts';

/**
 * Expression for the day of the week of a date from 2000 on, 1 Monday to 7 Sunday. Function dow counts differently on the two engines,
 * so this counts days from a Monday. DuckDB divides to a double and Trino to an integer; the quotient is an integer, so they agree.
 */
export function weekdayOf(date: string): string {
  return `CAST((date_diff('millisecond', TIMESTAMP '1999-12-27 00:00:00', CAST(${date} AS timestamp(6))) / 86400000) % 7 + 1 AS bigint)`;
}

/**
 * Expression that is true outside the opening hours, and null if no hours are set or the time is null.
 * @param localTime expression of type timestamp, on the clinic's clock
 */
export function afterHours(localTime: string, { openingHours, closedDays = [] }: ViewSettings): string {
  if (!openingHours) return 'CAST(NULL AS boolean)';
  const minute = `(EXTRACT(HOUR FROM ${localTime}) * 60 + EXTRACT(MINUTE FROM ${localTime}))`;
  const days = WEEKDAYS.flatMap((day, n) => {
    const spans = (openingHours[day] ?? []).map(minutesOf);
    const within = spans.map(([from, to]) => `${minute} >= ${from} AND ${minute} < ${to}`);
    return within.length === 0 ? [] : [`WHEN ${n + 1} THEN NOT (${within.join(' OR ')})`];
  });
  const closed = closedDays.map((day) => `WHEN CAST(${localTime} AS date) = ${quoteDay(day)} THEN TRUE`);
  const open =
    days.length === 0 ? 'TRUE' : `CASE ${weekdayOf(`CAST(${localTime} AS date)`)} ${days.join(' ')} ELSE TRUE END`;
  return ['CASE', `WHEN ${localTime} IS NULL THEN NULL`, ...closed, `ELSE ${open} END`].join(' ');
}

/** First minute of the day of a span, and the first minute after it. @param span `HH:MM-HH:MM` */
export function minutesOf(span: string): readonly [from: number, to: number] {
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = span.split(/[-:]/).map(Number);
  return [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
}
