import type { MappedColumn } from '../../../schemas/views/calls-columns.ts';
import type { PeriodContext } from '../context.ts';
import { currencyOf } from '../costs.ts';
import { spark } from '../draw/spark.ts';
import type { Account } from '../facts.ts';
import { type Cell, escapeHtml, htmlTable, sectionHtml, unknownHtml } from '../html.ts';
import { addDays, daysFrom } from '../period.ts';
import { verdictOf } from '../verdict.ts';
import { count, duration, money, percent, UNKNOWN } from '../words.ts';

const SPARK = { days: 28, last: 7, width: 96, height: 22 };

/** A column of the table. */
interface Column {
  readonly heading: string;
  /** Column of `calls` without which no vendor says the figure. @default none: it is always there */
  readonly needs?: MappedColumn;
  readonly isNumber?: boolean;
  readonly cell: (account: Account, context: PeriodContext) => Cell;
}

const UNTOLD = {
  answered: 'does not say which calls were answered',
  wait: 'gives no wait of a call',
  length: 'gives no length of a call',
  booked: 'does not say what was booked',
};

const COLUMNS: readonly Column[] = [
  { heading: 'Account', cell: nameCell },
  {
    heading: 'Calls',
    isNumber: true,
    cell: (account, { figure }) => number(count(figure('calls', account)?.value ?? 0)),
  },
  { heading: 'to week<br>before', isNumber: true, cell: changeCell },
  { heading: '28 days', cell: sparkCell },
  { heading: 'Missed', needs: 'answered', isNumber: true, cell: figureCell('missed_calls', count, UNTOLD.answered) },
  { heading: 'Answered', needs: 'answered', isNumber: true, cell: figureCell('answer_rate', percent, UNTOLD.answered) },
  {
    heading: 'Median<br>wait',
    needs: 'wait_seconds',
    isNumber: true,
    cell: figureCell('wait_p50', duration, UNTOLD.wait),
  },
  {
    heading: 'Median<br>length',
    needs: 'duration_seconds',
    isNumber: true,
    cell: figureCell('median_handle_time', duration, UNTOLD.length),
  },
  {
    heading: 'Booked',
    needs: 'sessions_scheduled',
    isNumber: true,
    cell: figureCell('booked_calls', count, UNTOLD.booked),
  },
  {
    heading: 'Booking<br>rate',
    needs: 'sessions_scheduled',
    isNumber: true,
    cell: figureCell('booking_rate', percent, UNTOLD.booked),
  },
  { heading: 'Cost', needs: 'cost', isNumber: true, cell: costCell },
];

/** The key figures of each account. */
export function accounts(context: PeriodContext): string {
  if (context.accounts.length === 0) return '';
  const columns = COLUMNS.filter(({ needs }) => needs === undefined || context.tellers(needs) !== '');
  const rows = context.accounts.map((account) => columns.map(({ cell }) => cell(account, context)));
  const headings = columns.map(({ heading, isNumber = false }) => ({ html: heading, isNumber }));
  const hasUnknown = context.accounts.some((account) => isCurrencyUnknown(account, context));
  return sectionHtml(
    'accounts',
    'Vendors and accounts',
    'The same seven days. A dash: the vendor does not say, which is not zero.',
    htmlTable('Key figures by account', headings, rows),
    hasUnknown
      ? '<p class="lead">* The vendor does not say in which currency, so the amount is added to nothing.</p>'
      : '',
  );
}

function number(html: string): Cell {
  return { html, kind: 'number' };
}

function nameCell(account: Account, { nameOf, state }: PeriodContext): Cell {
  const own = state.accounts.find((one) => one.source === account.source && one.account === account.account);
  const badge = own && own.tone !== 'good' ? ` <span class="badge ${own.tone}">${own.text}</span>` : '';
  return { html: `<b>${escapeHtml(nameOf(account))}</b>${badge}`, kind: 'head' };
}

function sparkCell({ source, account }: Account, { facts, period }: PeriodContext): Cell {
  const own = facts.days.filter((day) => day.source === source && day.account === account);
  const byDay = new Map(own.map((day) => [day.date, day.calls]));
  const dates = daysFrom(addDays(period.to, 1 - SPARK.days), period.to);
  const values = dates.map((date) => byDay.get(date) ?? 0);
  return { html: spark(values, SPARK.last, SPARK.width, SPARK.height) };
}

/** A key figure. @param why completes "The vendor …" where it is not known */
function figureCell(metric: string, show: (value: number) => string, why: string): Column['cell'] {
  return (account, { figure }) => {
    const value = figure(metric, account)?.value ?? null;
    return number(value === null ? unknownHtml(why) : show(value));
  };
}

function costCell(account: Account, context: PeriodContext): Cell {
  const cost = context.figure('cost', account)?.value ?? null;
  if (cost === null) return number(unknownHtml('gives no cost'));
  const mark = isCurrencyUnknown(account, context) ? '*' : '';
  return number(`${money(cost, currencyOf(account, context))}${mark}`);
}

function changeCell(account: Account, { figure }: PeriodContext): Cell {
  const calls = figure('calls', account);
  const { value, previous, isComplete } = calls ?? { value: null, previous: null, isComplete: true };
  if (!isComplete)
    return { html: '<span title="Not all of the seven days were read.">◐</span>', kind: 'number', tone: 'late' };
  if (value === null || !previous) return { html: UNKNOWN, kind: 'number' };
  const change = Math.round((value / previous - 1) * 100);
  const text = `${change < 0 ? '−' : '+'}${Math.abs(change)}%`;
  return { html: verdictOf(calls).isClear ? `<b>${text}</b>` : text, kind: 'number' };
}

function isCurrencyUnknown(account: Account, context: PeriodContext): boolean {
  return (context.figure('cost', account)?.value ?? null) !== null && currencyOf(account, context) === null;
}
