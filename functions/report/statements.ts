import { quoteDay, quoteName } from '../../schemas/derive/sql-text.ts';
import type { AgeRange } from './ages.ts';
import { addDays, type Period, type Week } from './period.ts';

/** Names of the database whose views the statements read: `recent` may hold only the calls since {@link firstDayNeeded}. */
export interface ReportDatabases {
  readonly recent: string;
  readonly whole: string;
}

/** Views that only one vendor fills, and that vendor. */
export const VISITS = { view: 'kismet_sessions', source: 'kismet' };
export const RECONCILIATION = { view: 'kismet_metrics_reconciliation', source: 'kismet' };

/** Days over which bookings are compared by category. */
export const CATEGORY_DAYS = 28;
/** Voice agents that the page lists. */
export const MOST_AGENTS = 15;

/** Statements over the views, in SQL that Athena and DuckDB share. */
export interface ReportStatements {
  readonly figures: string;
  readonly days: string;
  readonly hours: string;
  readonly waits: string;
  readonly categories: string;
  readonly clinicians: string;
  readonly visits: string;
  readonly agents: string;
  readonly reconciliation: string;
}

/** Statements about the period. */
export function statementsOf(period: Period, databases: ReportDatabases): ReportStatements {
  const recent = (view: string) => `${quoteName(databases.recent)}.${quoteName(view)}`;
  const whole = (view: string) => `${quoteName(databases.whole)}.${quoteName(view)}`;
  // The day after the period is the one that is being read.
  const charted = `date >= ${quoteDay(period.first)} AND date <= ${quoteDay(addDays(period.to, 1))}`;
  const inWeeks = `date >= ${quoteDay(period.first)} AND date <= ${quoteDay(period.to)}`;
  return {
    figures: `SELECT source, account, metric, unit, better, value, base, previous_value, previous_base, is_complete FROM ${recent('key_figures')}`,
    days: `SELECT source, account, CAST(date AS varchar) AS day, calls, missed_calls, booked_calls, after_hours_calls, waited_calls, in_target_calls, cost_currency FROM ${recent('calls_daily')} WHERE ${charted} ORDER BY date, source, account`,
    hours: `SELECT weekday, hour, sum(missed_calls) AS missed, sum(answered_inbound_calls) AS answered FROM ${recent('calls_hourly')} WHERE ${inWeeks} GROUP BY weekday, hour HAVING sum(missed_calls) + sum(answered_inbound_calls) > 0 ORDER BY weekday, hour`,
    waits: waitsSql(period, recent('calls')),
    categories: `SELECT category, sum(bookable_calls) AS bookable, sum(booked_calls) AS booked FROM ${recent('categories_daily')} WHERE date > ${quoteDay(addDays(period.to, -CATEGORY_DAYS))} AND date <= ${quoteDay(period.to)} GROUP BY category HAVING sum(bookable_calls) > 0 ORDER BY sum(bookable_calls) DESC, category`,
    clinicians: `SELECT c.source, c.account, c.provider_id, max(c.provider_name) AS name, CAST(w.week_to AS varchar) AS week, count(*) AS calls FROM ${recent('calls')} c ${joinWeeks(period.weeks)} WHERE c.provider_id IS NOT NULL GROUP BY c.source, c.account, c.provider_id, w.week_to`,
    visits: visitsSql(period, whole(VISITS.view)),
    agents: agentsSql(period, recent('calls')),
    reconciliation: `SELECT count(*) AS days, count(CASE WHEN difference = 0 THEN 1 END) AS equal_days FROM ${whole(RECONCILIATION.view)} WHERE vendor_calls IS NOT NULL AND is_complete_day AND ${inWeeks}`,
  };
}

/** Statements that need no period. */
export function stateStatements({ whole }: ReportDatabases, ages: readonly AgeRange[]) {
  const view = (name: string) => `${quoteName(whole)}.${quoteName(name)}`;
  return {
    streams: `SELECT source, account, stream, last_status, data_through FROM ${view('freshness')} ORDER BY source, account, stream`,
    quality: `SELECT source, account, meaning, calls FROM ${view('data_quality')} ORDER BY calls DESC, meaning, source, account`,
    followUps: followUpsSql(view('follow_ups'), ages),
  };
}

/** The first day of which `recent` needs the calls: of the charts, or of the repeat calls in `key_figures`. */
export function firstDayNeeded(period: Period, repeatDays: number): string {
  const repeats = addDays(period.to, -15 - Math.ceil(repeatDays));
  return repeats < period.first ? repeats : period.first;
}

/** Nearest-rank percentiles, as `key_figures` has them for the last of the weeks. */
function waitsSql({ weeks }: Period, calls: string): string {
  const ranked = [
    'SELECT w.week_to AS week_to, c.wait_seconds AS wait_seconds,',
    'row_number() OVER (PARTITION BY w.week_to ORDER BY c.wait_seconds) AS place, count(*) OVER (PARTITION BY w.week_to) AS waits',
    `FROM ${calls} c ${joinWeeks(weeks)} WHERE c.missed = FALSE AND c.wait_seconds IS NOT NULL`,
  ].join(' ');
  return [
    'SELECT CAST(p.week_to AS varchar) AS week, count(*) AS calls,',
    `${percentile('0.5e0', 'p.waits', 'p.wait_seconds')} AS median, ${percentile('0.95e0', 'p.waits', 'p.wait_seconds')} AS p95`,
    `FROM (${ranked}) p GROUP BY p.week_to ORDER BY p.week_to`,
  ].join(' ');
}

function visitsSql({ from, to }: Period, sessions: string): string {
  const person = 's.account, s.provider_id';
  return [
    'SELECT p.account, p.provider_id, count(*) AS visits,',
    `${percentile('0.5e0', 'p.lengths', 'p.length_seconds')} AS median, sum(p.length_seconds) / 3600 AS hours,`,
    "count(p.attendance) AS attended, count(CASE WHEN p.attendance = 'both' THEN 1 END) AS both_sides, count(CASE WHEN p.is_failed = TRUE THEN 1 END) AS failed",
    `FROM (SELECT s.account, s.provider_id, s.attendance, s.is_failed, s.length_seconds, ${ranks(person, 's.length_seconds')}, count(s.length_seconds) OVER (PARTITION BY ${person}) AS lengths`,
    `FROM ${sessions} s WHERE s.provider_id IS NOT NULL AND s.local_date >= ${quoteDay(from)} AND s.local_date <= ${quoteDay(to)}) p`,
    'GROUP BY p.account, p.provider_id',
  ].join(' ');
}

function agentsSql({ from, to }: Period, calls: string): string {
  const agent = 'c.source, c.account, c.agent';
  return [
    'SELECT p.source, p.account, p.agent, count(*) AS calls, count(CASE WHEN p.missed = TRUE THEN 1 END) AS missed, count(p.missed) AS offered,',
    'count(CASE WHEN p.booked = TRUE THEN 1 END) AS booked, count(p.booked) AS bookable,',
    `${percentile('0.5e0', 'p.lengths', 'p.duration_seconds')} AS median,`,
    'CASE WHEN count(DISTINCT p.currency) = 1 THEN sum(p.cost) END AS cost, max(p.cost_currency) AS cost_currency, count(*) OVER () AS agents',
    `FROM (SELECT ${agent}, c.missed, c.booked, c.cost, c.cost_currency, CASE WHEN c.cost IS NOT NULL THEN COALESCE(c.cost_currency, '?') END AS currency, c.duration_seconds,`,
    `${ranks(agent, 'c.duration_seconds')}, count(c.duration_seconds) OVER (PARTITION BY ${agent}) AS lengths`,
    `FROM ${calls} c WHERE c.agent IS NOT NULL AND c.local_date >= ${quoteDay(from)} AND c.local_date <= ${quoteDay(to)}) p`,
    `GROUP BY p.source, p.account, p.agent ORDER BY calls DESC, p.source, p.account, p.agent LIMIT ${MOST_AGENTS}`,
  ].join(' ');
}

/** Values without a number are ranked among themselves, so that they do not shift the others. */
function ranks(scope: string, value: string): string {
  return `row_number() OVER (PARTITION BY ${scope}, CASE WHEN ${value} IS NULL THEN 0 ELSE 1 END ORDER BY ${value}) AS place`;
}

function percentile(share: string, values: string, value: string): string {
  return `min(CASE WHEN p.place >= ${share} * ${values} THEN ${value} END)`;
}

function followUpsSql(view: string, ages: readonly AgeRange[]): string {
  const bins = ages.map(({ most }, bin) =>
    most === undefined ? `ELSE ${bin}` : `WHEN f.age_days <= ${most} THEN ${bin}`,
  );
  return [
    'SELECT g.bin, count(*) AS open, count(CASE WHEN g.is_overdue = TRUE THEN 1 END) AS overdue, max(g.age_days) AS oldest',
    `FROM (SELECT f.is_overdue, f.age_days, CASE WHEN f.age_days IS NULL THEN NULL ${bins.join(' ')} END AS bin FROM ${view} f) g`,
    'GROUP BY g.bin ORDER BY g.bin',
  ].join(' ');
}

function joinWeeks(weeks: readonly Week[]): string {
  const values = weeks.map(({ from, to }) => `(${quoteDay(from)}, ${quoteDay(to)})`);
  return `JOIN (VALUES ${values.join(', ')}) AS w (week_from, week_to) ON c.local_date >= w.week_from AND c.local_date <= w.week_to`;
}
