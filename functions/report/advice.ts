import { targetsOf } from '../../schemas/views/view-settings.ts';
import { backlogOf } from './backlog.ts';
import type { Context } from './context.ts';
import { escapeHtml } from './html.ts';
import { hourName, missedIn, worstHour } from './missed-hours.ts';
import type { AccountState } from './state.ts';
import { hiddenRows } from './suppress.ts';
import { verdictOf } from './verdict.ts';
import { count, counted, daysText, duration, instant, listed, percent } from './words.ts';

/** The share that call centres usually aim at. */
export const USUAL_SERVICE_LEVEL = 0.8;
const MOST_ITEMS = 4;
/** A service level that rests on fewer calls says little. */
const LEAST_CALLS = 30;

/** What a manager should do next, the most urgent first: safe HTML, one entry each. Nothing that chance may have made. */
export function adviceOf(context: Context): readonly string[] {
  return [
    ...readingAdvice(context),
    emptyAdvice(context),
    followUpAdvice(context),
    missedAdvice(context),
    answerAdvice(context) ?? changeAdvice(context, LONGER_WAIT),
    changeAdvice(context, FEWER_BOOKINGS),
    changeAdvice(context, MORE_REPEATS),
  ]
    .filter((advice) => advice !== undefined)
    .slice(0, MOST_ITEMS);
}

/** Other advice would rest on figures that lack calls. */
function readingAdvice({ state, nameOf, request }: Context): readonly string[] {
  const behind = state.accounts.filter(({ tone }) => tone !== 'good');
  if (behind.length === 0) return [];
  const never = behind.filter(({ through }) => through === null);
  const late = behind.filter(({ through }) => through !== null);
  const names = (accounts: readonly AccountState[]) => `<b>${escapeHtml(listed(shorten(accounts.map(nameOf))))}</b>`;
  const oldest = late.map(({ through }) => through?.getTime() ?? 0).sort((a, b) => a - b)[0];
  return [
    ...(never.length > 0
      ? [
          `<b>Have the connection to ${names(never)} repaired</b>: nothing of ${never.length > 1 ? 'them' : 'it'} was ever read completely. <a href="#data">Details</a>`,
        ]
      : []),
    ...(oldest === undefined
      ? []
      : [
          `<b>Have the connection to ${names(late)} repaired</b>: later calls than ${instant(new Date(oldest), request.views.timeZone)} are missing below. <a href="#data">Details</a>`,
        ]),
  ];
}

/** Every account was read, but there was nothing to read. */
function emptyAdvice({ facts: { period }, figure, state }: Context): string | undefined {
  if (!period || state.tone !== 'good' || (figure('calls')?.value ?? 0) > 0) return undefined;
  return '<b>Find out why there were no calls</b> in these seven days, unless the clinic was closed. <a href="#data">What was read</a>';
}

const MOST_NAMES = 3;

function shorten(names: readonly string[]): readonly string[] {
  if (names.length <= MOST_NAMES + 1) return names;
  return [...names.slice(0, MOST_NAMES), `${names.length - MOST_NAMES} others`];
}

function followUpAdvice(context: Context): string | undefined {
  const { open, overdue, oldest, isSplitHidden } = backlogOf(context);
  if (overdue === 0) return undefined;
  const { followUpTargetDays } = targetsOf(context.request.views);
  const longer = `more than ${daysText(followUpTargetDays)}`;
  if (isSplitHidden)
    return `<b>Call back the follow-ups that have waited ${longer}.</b> <a href="#follow-ups">How old they are</a>`;
  const oldestText = oldest === null ? '' : `; the oldest for ${counted(Math.round(oldest), 'day')}`;
  return `<b>Call back ${counted(overdue, 'follow-up')}</b> of ${count(open)} that have waited ${longer}${oldestText}. <a href="#follow-ups">How old they are</a>`;
}

function missedAdvice({ facts: { hours, period }, figure, request }: Context): string | undefined {
  const worst = worstHour(hours);
  const isHidden = hiddenRows(
    hours.map(({ missed }) => [missed]),
    request.minimumCell,
  ).has(worst ? hours.indexOf(worst) : -1);
  if (worst && !isHidden) {
    const weeks = period?.weeks.length ?? 0;
    return `<b>Put one more person on the phones on ${hourName(worst)}</b>: ${count(worst.missed)} of the ${count(missedIn(hours))} calls that were missed in ${weeks} weeks fell into this hour. <a href="#missed">All hours</a>`;
  }
  const missed = figure('missed_calls');
  if (verdictOf(missed).tone !== 'bad' || !missed) return undefined;
  return `<b>Find out why more calls were missed</b>: ${count(missed.value)}, after ${count(missed.previous)} the week before. <a href="#missed">When</a>`;
}

function answerAdvice({ figure, request }: Context): string | undefined {
  const level = figure('service_level');
  if (!level?.isComplete || level.value === null || (level.base ?? 0) < LEAST_CALLS) return undefined;
  const spread = Math.sqrt((level.value * (1 - level.value)) / (level.base ?? 1));
  if (level.value + 1.96 * spread >= USUAL_SERVICE_LEVEL) return undefined;
  const { answerTargetSeconds } = targetsOf(request.views);
  return `<b>Answer sooner</b>: ${percent(level.value)} of inbound calls were answered within ${answerTargetSeconds} s; ${percent(USUAL_SERVICE_LEVEL)} is usual. <a href="#wait">How long callers wait</a>`;
}

/** A figure that became clearly worse, with what to look at. */
interface Change {
  readonly metric: string;
  readonly title: string;
  /** Id of the section with the details. */
  readonly section: string;
  readonly show: (value: number | null) => string;
}

const LONGER_WAIT: Change = {
  metric: 'wait_p50',
  title: 'Find out why callers wait longer',
  section: 'wait',
  show: duration,
};
const FEWER_BOOKINGS: Change = {
  metric: 'booking_rate',
  title: 'Find out why fewer calls end in a booking',
  section: 'bookings',
  show: (value) => percent(value, 1),
};
const MORE_REPEATS: Change = {
  metric: 'repeat_call_rate',
  title: 'Find out why more callers call again',
  section: 'accounts',
  show: (value) => percent(value, 1),
};

function changeAdvice({ figure }: Context, { metric, title, section, show }: Change): string | undefined {
  const found = figure(metric);
  if (!found || verdictOf(found).tone !== 'bad') return undefined;
  return `<b>${title}</b>: ${show(found.value)}, after ${show(found.previous)} the week before. <a href="#${section}">Details</a>`;
}
