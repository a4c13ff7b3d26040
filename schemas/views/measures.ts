import { quoteList } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { bigint, decimal, double, text, type ViewColumn } from './view.ts';
import { targetsOf, type ViewSettings } from './view-settings.ts';

/** Counts calls, if `known` says that any vendor of the group tells: null otherwise, not 0. */
function known(knows: string, condition: string): string {
  return `CASE WHEN ${knows} THEN count(CASE WHEN ${condition} THEN 1 END) END`;
}

const SAYS_DIRECTION = 'count(c.direction) > 0';
/** Some call of the direction is known to be answered or not, or there is none: then 0 is true. */
function saysAnswered(direction: 'inbound' | 'outbound'): string {
  const count = (condition: string) => `count(CASE WHEN c.direction = '${direction}'${condition} THEN 1 END)`;
  return `count(c.direction) > 0 AND count(c.answered) > 0 AND (${count(' AND c.answered IS NOT NULL')} > 0 OR ${count('')} = 0)`;
}

/**
 * Condition that the vendor of the group gives waits, and says of its inbound calls whether they were answered. Some call of it has a wait;
 * or the vendor's table has one, and nobody was answered: a group of missed calls alone counts against the service level.
 */
function saysWait(tables: readonly Table[]): string {
  const sources = sourcesWithWait(tables);
  const hasWait = 'count(c.wait_seconds) > 0';
  return sources.length === 0
    ? hasWait
    : `(${hasWait} OR (c.source IN ${quoteList(sources)} AND ${saysAnswered('inbound')}))`;
}

/** Vendors that tell how long callers wait. */
export function sourcesWithWait(tables: readonly Table[]): readonly string[] {
  return tables.flatMap(({ source, calls }) => (calls?.wait_seconds === undefined ? [] : [source]));
}

const calls = (doc: string, sql: string) => bigint(doc, 'calls', sql);

/** What a view counts of a group of calls of one source, whose view is called `c`. All of it can be added up over groups. */
export function measures(tables: readonly Table[], settings: ViewSettings) {
  return { ...directions(), ...times(tables, settings), ...results() } satisfies Readonly<Record<string, ViewColumn>>;
}

function directions() {
  return {
    calls: calls('Calls that started in this period.', 'count(*)'),
    inbound_calls: calls(
      'Inbound calls among them; null if the vendor gives no direction. Calls of unknown direction are neither inbound nor outbound.',
      known(SAYS_DIRECTION, "c.direction = 'inbound'"),
    ),
    outbound_calls: calls(
      'Outbound calls among them; null if the vendor gives no direction.',
      known(SAYS_DIRECTION, "c.direction = 'outbound'"),
    ),
    answered_inbound_calls: calls(
      'Inbound calls that were answered; null if the vendor does not say. Answer rate = answered_inbound_calls / (answered_inbound_calls + missed_calls), never / inbound_calls: calls of unknown answer are in neither.',
      known(saysAnswered('inbound'), 'c.missed = FALSE'),
    ),
    missed_calls: calls(
      'Inbound calls that nobody took; null if the vendor does not say.',
      known(saysAnswered('inbound'), 'c.missed = TRUE'),
    ),
    reached_calls: calls(
      'Outbound calls that somebody, or a voicemail, took; null if the vendor does not say. Of unknown answer are outbound_calls - reached_calls - unreached_calls.',
      known(saysAnswered('outbound'), "c.direction = 'outbound' AND c.answered = TRUE"),
    ),
    unreached_calls: calls(
      'Outbound calls that were not answered; null if the vendor does not say.',
      known(saysAnswered('outbound'), "c.direction = 'outbound' AND c.answered = FALSE"),
    ),
  };
}

function times(tables: readonly Table[], settings: ViewSettings) {
  const { answerTargetSeconds } = targetsOf(settings);
  return {
    waited_calls: calls(
      'Answered inbound calls with a plausible wait; null if the vendor gives no wait, 0 if it does and nobody was answered.',
      known(saysWait(tables), 'c.missed = FALSE AND c.wait_seconds IS NOT NULL'),
    ),
    wait_seconds: double(
      'Total wait of waited_calls; divided by them, the average speed of answer.',
      's',
      'sum(CASE WHEN c.missed = FALSE THEN c.wait_seconds END)',
    ),
    in_target_calls: calls(
      `Of waited_calls, those answered within ${answerTargetSeconds} s (setting answerTargetSeconds). Service level = in_target_calls / (waited_calls + missed_calls), only for vendors that give a wait (Kalem).`,
      known(saysWait(tables), `c.missed = FALSE AND c.wait_seconds <= ${answerTargetSeconds}`),
    ),
    timed_calls: calls(
      'Calls with a plausible duration; null if the vendor gives none.',
      known('count(c.duration_seconds) > 0', 'c.duration_seconds IS NOT NULL'),
    ),
    duration_seconds: double(
      'Total duration of timed_calls; divided by them, the average handle time.',
      's',
      'sum(c.duration_seconds)',
    ),
    after_hours_calls: calls(
      "Calls outside the opening hours, outbound calls and Kismet's video calls too; null if no hours are set. For calls that come, count calls with is_after_hours and direction = 'inbound'.",
      known('count(c.is_after_hours) > 0', 'c.is_after_hours = TRUE'),
    ),
  };
}

function results() {
  return {
    bookable_calls: calls(
      'Calls of which the vendor says how many sessions were booked: the base of the booking rate.',
      known('count(c.booked) > 0', 'c.booked IS NOT NULL'),
    ),
    booked_calls: calls(
      'Of bookable_calls, those in which at least one session was booked.',
      known('count(c.booked) > 0', 'c.booked = TRUE'),
    ),
    sessions_scheduled: bigint(
      'Sessions booked in booked_calls. A call can book several.',
      'sessions',
      'sum(c.sessions_scheduled)',
    ),
    follow_up_calls: calls(
      'Calls that need a follow-up now (status follow_up_needed, not pending); null if the vendor has no such queue.',
      known('count(c.needs_follow_up) > 0', 'c.needs_follow_up = TRUE'),
    ),
    costed_calls: calls('Calls with a plausible cost.', known('count(c.cost) > 0', 'c.cost IS NOT NULL')),
    cost: decimal(
      'Total cost of costed_calls, in cost_currency. Never add costs of different or unknown currency. Calls with a cost (Kalem, Zudu) have no bookings, and those with bookings (Solum) no cost: see the question cost-per-booking.',
      'sum(c.cost)',
    ),
    cost_currency: text(
      'Currency of the cost; null if neither the vendor nor the setting costCurrency says.',
      'max(c.cost_currency)',
    ),
    implausible_calls: calls('Calls of which a value is implausible; see data_quality.', 'count(c.implausible)'),
  };
}

/** Some of the measures, in the order of their names here. */
export function pick<T extends Readonly<Record<string, ViewColumn>>, N extends keyof T>(
  columns: T,
  names: readonly N[],
): Pick<T, N> {
  return Object.fromEntries(names.map((name) => [name, columns[name]])) as Pick<T, N>;
}
