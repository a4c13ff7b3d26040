import type { Context } from '../context.ts';
import { escapeHtml, nameHtml } from '../html.ts';
import type { DataState } from '../state.ts';
import { clock, counted, dayAndMonth, instant, shortName, weekdayAndDay } from '../words.ts';

/** The head of the page: whose calls, of which days, and whether all of it was read. */
export function head(context: Context): string {
  const { facts, request, state } = context;
  const { period } = facts;
  const { timeZone } = request.views;
  const title = request.title === undefined ? '' : `<p class="whose">${nameHtml(shortName(request.title))}</p>`;
  const days = period
    ? [
        `<span>${weekdayAndDay(period.from)} to ${weekdayAndDay(period.to)} ${period.to.slice(0, 4)}, compared with the seven days before</span>`,
        `<span>days and hours in ${escapeHtml(timeZone)}</span>`,
      ]
    : [];
  return [
    '<header>',
    title,
    `<h1>${headline(context)}</h1>`,
    `<p class="meta">${stateHtml(state)}${days.join('')}<span>made ${instant(request.at, timeZone)}</span></p>`,
    '</header>',
  ].join('\n');
}

/** Title of the page, as plain text. */
export function headline({ facts: { period } }: Context): string {
  return period ? `Calls in the seven days to ${weekdayAndDay(period.to)}` : 'Calls';
}

/** The title of the browser's window: which page of which clinic, and when it was made. */
export function windowTitle(context: Context): string {
  const { request } = context;
  const of = request.title === undefined ? [] : [shortName(request.title)];
  const { day } = clock(request.at, request.views.timeZone);
  return escapeHtml([headline(context), ...of, `made ${dayAndMonth(day)}`].join(' · '));
}

function stateHtml({ tone, accounts }: DataState): string {
  if (accounts.length === 0) return '<span class="badge bad">nothing read yet</span>';
  const behind = accounts.filter((account) => account.tone !== 'good').length;
  const text = behind === 0 ? 'all accounts up to date' : `${counted(behind, 'account')} of ${accounts.length} behind`;
  return `<span class="badge ${tone}">${text}</span>`;
}
