import { targetsOf } from '../../../schemas/views/view-settings.ts';
import { backlogOf } from '../backlog.ts';
import type { PeriodContext } from '../context.ts';
import { costsOf } from '../costs.ts';
import { spark } from '../draw/spark.ts';
import type { ClinicianVisits, KeyFigure } from '../facts.ts';
import { escapeHtml } from '../html.ts';
import { HIDDEN, hiddenRows } from '../suppress.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { count, counted, daysText, duration, money, percent } from '../words.ts';
import { daily, levelOf, shareOf, sum } from './daily-values.ts';

interface Tile {
  readonly title: string;
  readonly value: string;
  readonly verdict?: Verdict | undefined;
  /** Safe HTML: what the figure rests on. */
  readonly note: string;
  readonly spark?: string;
}

const MOST_TILES = 8;

/** The key figures as tiles; a figure that no vendor gives has none. */
export function tiles(context: PeriodContext): string {
  const shown = [
    callsTile(context),
    missedTile(context),
    waitTile(context),
    levelTile(context),
    bookedTile(context),
    followUpsTile(context),
    costTile(context),
    hoursTile(context),
    visitsTile(context),
    repeatTile(context),
  ].filter((tile) => tile !== undefined);
  if (shown.length === 0) return '';
  return `<section class="tiles" aria-label="Key figures">\n${shown.slice(0, MOST_TILES).map(tileHtml).join('\n')}\n</section>`;
}

function tileHtml({ title, value, verdict, note, spark: line = '' }: Tile): string {
  const delta = verdict ? `<p class="delta">${verdict.text}</p>` : '';
  return `<div class="tile ${verdict?.tone ?? 'plain'}"><h3>${title}</h3><p class="value">${value}</p>${delta}<p class="note">${note}</p>${line}</div>`;
}

/** The figure, if a vendor gives it. */
function known({ figure }: PeriodContext, metric: string): (KeyFigure & { readonly value: number }) | undefined {
  const found = figure(metric);
  return found && found.value !== null ? { ...found, value: found.value } : undefined;
}

function callsTile(context: PeriodContext): Tile | undefined {
  const calls = known(context, 'calls');
  if (!calls) return undefined;
  const length = known(context, 'median_handle_time');
  return {
    title: 'Calls',
    value: count(calls.value),
    verdict: verdictOf(calls),
    note: length
      ? `half of them last ${duration(length.value)} or less`
      : `of ${counted(context.accounts.length, 'account')}`,
    spark: daily(context, (days) => days.reduce((total, day) => total + day.calls, 0)),
  };
}

function missedTile(context: PeriodContext): Tile | undefined {
  const missed = known(context, 'missed_calls');
  const rate = known(context, 'answer_rate');
  if (!missed) return undefined;
  return {
    title: 'Missed calls',
    value: count(missed.value),
    verdict: verdictOf(missed),
    note: `${percent(rate?.value ?? null, 1)} of ${count(missed.base)} inbound calls answered`,
    spark: daily(context, (days) => sum(days.map((day) => day.missed))),
  };
}

function waitTile(context: PeriodContext): Tile | undefined {
  const median = known(context, 'wait_p50');
  const p95 = known(context, 'wait_p95');
  if (!median) return undefined;
  const byWeek = new Map(context.facts.waits.map((wait) => [wait.to, wait.median]));
  return {
    title: 'Median wait',
    value: duration(median.value),
    verdict: verdictOf(median),
    note: `19 of 20 callers ${duration(p95?.value ?? null)} or less; ${counted(median.base ?? 0, 'call')} of ${context.tellers('wait_seconds')}`,
    spark: spark(
      context.period.weeks.map(({ to }) => byWeek.get(to) ?? null),
      2,
    ),
  };
}

function levelTile(context: PeriodContext): Tile | undefined {
  const level = known(context, 'service_level');
  if (!level) return undefined;
  const { answerTargetSeconds } = targetsOf(context.request.views);
  return {
    title: `Answered within ${answerTargetSeconds} s`,
    value: percent(level.value),
    verdict: verdictOf(level),
    note: `of ${count(level.base)} answered or missed; 80% is usual`,
    spark: daily(context, (days) => levelOf(days)),
  };
}

function bookedTile(context: PeriodContext): Tile | undefined {
  const booked = known(context, 'booked_calls');
  const rate = known(context, 'booking_rate');
  if (!booked) return undefined;
  return {
    title: 'Calls that booked',
    value: count(booked.value),
    verdict: verdictOf(booked),
    note: `${percent(rate?.value ?? null, 1)} of ${counted(booked.base ?? 0, 'call')} of ${context.tellers('sessions_scheduled')}`,
    spark: daily(context, (days) => sum(days.map((day) => day.booked))),
  };
}

function followUpsTile(context: PeriodContext): Tile | undefined {
  const { open, overdue, oldest, isSplitHidden, isTold } = backlogOf(context);
  if (!isTold) return undefined;
  const { followUpTargetDays } = targetsOf(context.request.views);
  const older = `older than ${daysText(followUpTargetDays)}`;
  const text = overdue === 0 ? `none ${older}` : `${isSplitHidden ? 'some' : count(overdue)} ${older}`;
  const tone = overdue > 0 ? 'bad' : 'plain';
  return {
    title: 'Open follow-ups',
    value: count(open),
    verdict: { tone, isClear: false, text },
    note:
      oldest === null
        ? `now, by what ${context.tellers('needs_follow_up')} says`
        : `now; the oldest waits ${isSplitHidden ? HIDDEN : counted(Math.round(oldest), 'day')}`,
  };
}

function costTile(context: PeriodContext): Tile | undefined {
  const [first, ...others] = costsOf(context);
  if (!first) return undefined;
  const more = others.map(
    ({ value, currency, sources }) =>
      `${money(value, currency)} ${currency === null ? 'in an unknown currency ' : ''}(${escapeHtml(sources)})`,
  );
  const perCall =
    first.base === 0 ? '' : `${money(first.value / first.base, first.currency)} a call, ${escapeHtml(first.sources)}`;
  return {
    title: first.currency === null ? 'Cost, currency unknown' : 'Cost',
    value: money(first.value, first.currency),
    verdict: verdictOf({ ...first, unit: 'currency', better: -1 }, first.currency),
    note: [perCall, ...more].filter((part) => part !== '').join('; and '),
  };
}

function hoursTile(context: PeriodContext): Tile | undefined {
  const share = known(context, 'after_hours_share');
  if (!share) return undefined;
  return {
    title: 'Outside opening hours',
    value: percent(share.value),
    verdict: verdictOf(share),
    note: `of ${counted(share.base ?? 0, 'call')}`,
    spark: daily(context, (days) => shareOf(sum(days.map((day) => day.afterHours)), sum(days.map((day) => day.calls)))),
  };
}

/** Of vendors with visits: whether both sides took part is the nearest to attendance that is known. */
function visitsTile({ facts, request }: PeriodContext): Tile | undefined {
  const total = (of: (visits: ClinicianVisits) => number | null) => sum(facts.visits.map(of)) ?? 0;
  const [attended, both, failed] = [total((one) => one.attended), total((one) => one.both), total((one) => one.failed)];
  if (attended === 0) return undefined;
  const isHidden = hiddenRows([[both], [attended - both]], request.minimumCell).size > 0;
  return {
    title: 'Visits with both present',
    value: isHidden ? HIDDEN : percent(both / attended),
    note: `of ${counted(attended, 'ended visit')}, ${count(total((one) => one.hours))} hours in all; ${percent(failed / total((one) => one.visits))} failed`,
  };
}

function repeatTile(context: PeriodContext): Tile | undefined {
  const rate = known(context, 'repeat_call_rate');
  if (!rate) return undefined;
  const { repeatDays } = targetsOf(context.request.views);
  return {
    title: `Called again within ${daysText(repeatDays)}`,
    value: percent(rate.value, 1),
    verdict: verdictOf(rate),
    note: `of ${counted(rate.base ?? 0, 'inbound call')} whose caller is known`,
  };
}
