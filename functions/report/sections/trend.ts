import { WEEKDAYS } from '../../../schemas/views/view-settings.ts';
import type { PeriodContext } from '../context.ts';
import { type ChartDay, dayColumns } from '../draw/day-columns.ts';
import { forBothWidths } from '../draw/svg.ts';
import { escapeHtml, htmlTable, sectionHtml } from '../html.ts';
import { addDays, daysFrom, weekdayOf } from '../period.ts';
import { count, dayAndMonth, sourceName, weekdayAndDay } from '../words.ts';

const TABLE_DAYS = 28;
const SATURDAY = 6;
/** More small charts than this would hide the table below them. */
const MOST_SMALL_CHARTS = 8;

/** Calls per day, together and by source. */
export function trend(context: PeriodContext): string {
  const { facts, period } = context;
  if (facts.days.length === 0) return '';
  const sources = [...new Set(facts.days.map(({ source }) => source))].sort();
  const all = daysOf(context, sources);
  const label = `Calls per day from ${weekdayAndDay(period.first)}; the table below has the figures`;
  return sectionHtml(
    'trend',
    'Calls per day',
    `By the day they began. Dark: the seven days of this page. Grey: ${closedWords(context)}. Dashed: days that were not read to their end.`,
    forBothWidths((width, isNarrow) => dayColumns(all, { label, width, isNarrow })),
    sources.length > 1 ? smallCharts(context, sources) : '',
    dayTable(context, sources),
  );
}

function closedWords({ request }: PeriodContext): string {
  if (request.views.openingHours !== undefined) return 'days on which the clinic is closed';
  return (request.views.closedDays ?? []).length > 0 ? 'weekends and closed days' : 'weekends';
}

/** Every day of the charts, with 0 where there was no call. */
function daysOf({ facts, period, request }: PeriodContext, sources: readonly string[]): readonly ChartDay[] {
  const covered = facts.accounts.filter(({ source }) => sources.includes(source)).map(({ until }) => until);
  const until = covered.sort()[0] ?? period.first;
  const calls = new Map<string, number>();
  for (const day of facts.days)
    if (sources.includes(day.source)) calls.set(day.date, (calls.get(day.date) ?? 0) + day.calls);
  return daysFrom(period.first, addDays(period.to, 1)).map((date) => ({
    date,
    calls: calls.get(date) ?? 0,
    isWhole: date < until,
    isNow: date >= period.from && date <= period.to,
    isClosed: isClosed(date, request.views),
  }));
}

function isClosed(date: string, { openingHours, closedDays = [] }: PeriodContext['request']['views']): boolean {
  if (closedDays.includes(date)) return true;
  const weekday = weekdayOf(date);
  if (!openingHours) return weekday >= SATURDAY;
  return (openingHours[WEEKDAYS[weekday - 1] ?? 'mon'] ?? []).length === 0;
}

/** One chart for each source, all of one scale, so that they can be compared. */
function smallCharts(context: PeriodContext, sources: readonly string[]): string {
  const charts = sources.map((source) => {
    const days = daysOf(context, [source]);
    const week = days.filter(({ isNow }) => isNow).reduce((sum, { calls }) => sum + calls, 0);
    return { source, days, week };
  });
  const most = Math.max(...charts.flatMap(({ days }) => days.map(({ calls }) => calls)));
  const figures = charts
    .sort((a, b) => b.week - a.week)
    .slice(0, MOST_SMALL_CHARTS)
    .map(({ source, days, week }) => {
      const name = escapeHtml(sourceName(source));
      const chart = dayColumns(days, {
        label: `Calls per day of ${sourceName(source)}`,
        width: 500,
        isNarrow: true,
        isSmall: true,
        most,
      });
      return `<figure><figcaption>${name} <span>${count(week)} in the seven days</span></figcaption>${chart}</figure>`;
    });
  return `<div class="multiples">\n${figures.join('\n')}\n</div>`;
}

function dayTable({ facts, period }: PeriodContext, sources: readonly string[]): string {
  const byDay = new Map<string, (typeof facts.days)[number][]>();
  for (const day of facts.days) byDay.set(day.date, [...(byDay.get(day.date) ?? []), day]);
  const rows = [...daysFrom(addDays(period.to, 1 - TABLE_DAYS), period.to)].reverse().map((date) => {
    const days = byDay.get(date) ?? [];
    const number = (values: readonly (number | null)[]) => {
      const told = values.filter((value) => value !== null);
      return {
        html: count(told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0)),
        kind: 'number' as const,
      };
    };
    return [
      { html: weekdayAndDay(date), kind: 'head' as const },
      number([0, ...days.map(({ calls }) => calls)]),
      ...(sources.length > 1
        ? sources.map((source) => number([0, ...days.filter((day) => day.source === source).map(({ calls }) => calls)]))
        : []),
      number(days.map(({ missed }) => missed)),
      number(days.map(({ booked }) => booked)),
    ];
  });
  const headings = [
    'Day',
    'Calls',
    ...(sources.length > 1 ? sources.map((source) => escapeHtml(sourceName(source))) : []),
    'Missed',
    'Booked',
  ];
  const table = htmlTable(
    'Calls by day',
    headings.map((html, n) => ({ html, isNumber: n > 0 })),
    rows,
  );
  return `<details><summary>The figures since ${dayAndMonth(addDays(period.to, 1 - TABLE_DAYS))}</summary>${table}</details>`;
}
