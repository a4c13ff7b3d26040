import { adviceOf } from '../advice.ts';
import { backlogOf } from '../backlog.ts';
import type { Context, PeriodContext } from '../context.ts';
import { costsOf } from '../costs.ts';
import { weekdayOf } from '../period.ts';
import { verdictOf } from '../verdict.ts';
import { clock, count, counted, listed, percent } from '../words.ts';

const FRIDAY = 5;

/** What to do, and the week in a few sentences. */
export function firstScreen(context: Context): string {
  const advice = adviceOf(context);
  const nothing = context.facts.period
    ? `<p class="calm">${nothingToDo({ ...context, period: context.facts.period })}</p>`
    : nothingRead(context);
  const list = advice.length === 0 ? nothing : `<ol>${advice.map((item) => `<li>${item}</li>`).join('\n')}</ol>`;
  const sentences = summary(context);
  const short =
    sentences.length === 0
      ? ''
      : `<div class="short"><h2>In short</h2>${sentences.map((one) => `<p>${one}</p>`).join('\n')}</div>`;
  return `<div class="first"><section class="todo" id="to-do"><h2>${todoTitle(context)}</h2>\n${list}</section>${short}</div>`;
}

/** The page is often made or read at the end of a week. */
function todoTitle({ request }: Context): string {
  const { day } = clock(request.at, request.views.timeZone);
  return weekdayOf(day) >= FRIDAY ? 'What to do on Monday' : 'What to do next';
}

/** Says only what was looked at. */
function nothingToDo(context: PeriodContext): string {
  const { facts, tellers } = context;
  const isWorse = hasWorse(context);
  const calm = [
    ...(tellers('needs_follow_up') === '' ? [] : ['no follow-up waits too long']),
    ...(facts.hours.length === 0 ? [] : ['no hour of the week stands out']),
    ...(isWorse ? [] : ['no figure is clearly worse than the week before']),
  ];
  const nothing = calm.length === 0 ? 'Nothing urgent.' : `Nothing urgent: ${listed(calm)}.`;
  return isWorse ? `${nothing} Below, the figures that are clearly worse than the week before are marked.` : nothing;
}

/** True if a tile shows, or could show, a figure that is clearly worse than the week before. */
function hasWorse(context: PeriodContext): boolean {
  const together = context.facts.figures.filter(({ source }) => source === null);
  const costs = costsOf(context).map((cost) => ({ ...cost, unit: 'currency', better: -1 }));
  return [...together, ...costs].some((figure) => verdictOf(figure).tone === 'bad');
}

function nothingRead({ accounts }: Context): string {
  return accounts.length === 0
    ? '<p class="calm">No call was read yet. Ask whoever runs Callhouse to run <code>callhouse doctor</code>: it says what is missing.</p>'
    : '<p class="calm">No day was read to its end yet. The page has figures after the first complete run.</p>';
}

function summary(context: Context): readonly string[] {
  const { figure } = context;
  if (!context.facts.period) return [];
  return [callsSentence(context), missedSentence(context), bookingSentence(figure), followUpSentence(context)].filter(
    (sentence) => sentence !== undefined,
  );
}

function callsSentence({ figure }: Context): string {
  const calls = figure('calls');
  if (!calls?.value) return '<b>No calls</b> in these seven days.';
  const began = `<b>${counted(calls.value, 'call')}</b>`;
  if (!calls.isComplete) return `${began} as far as they were read, so nothing is compared with the week before.`;
  if (calls.previous === null) return `${began}; there is no week before to compare with.`;
  const change = calls.value - calls.previous;
  if (!verdictOf(calls).isClear) return `${began}, about as many as the week before.`;
  return `${began}, clearly ${change > 0 ? 'more' : 'fewer'} than the week before (${count(calls.previous)}).`;
}

function missedSentence({ figure, tellers }: Context): string | undefined {
  const missed = figure('missed_calls');
  if (!missed || missed.value === null) return undefined;
  const share = missed.base
    ? ` of ${count(missed.base)} inbound calls missed</b> (${percent(missed.value / missed.base)})`
    : ' calls missed</b>';
  return `<b>${count(missed.value)}${share}, by what ${tellers('answered')} told.`;
}

function bookingSentence(figure: Context['figure']): string | undefined {
  const booked = figure('booked_calls');
  if (!booked || booked.value === null) return undefined;
  return `<b>${count(booked.value)} of ${counted(booked.base ?? 0, 'call')} booked</b> at least one session (${percent(figure('booking_rate')?.value ?? null)}).`;
}

function followUpSentence(context: Context): string | undefined {
  const { open, isTold } = backlogOf(context);
  return isTold ? `<b>${counted(open, 'follow-up')} open</b> now.` : undefined;
}
