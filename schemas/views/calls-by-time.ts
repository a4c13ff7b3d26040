import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { coverageOf } from './coverage.ts';
import { measures, pick } from './measures.ts';
import { bigint, boolean, date, sourceAndAccount, text, type View } from './view.ts';
import type { ViewSettings } from './view-settings.ts';

const WEEKDAY = bigint('Day of the week, 1 Monday to 7 Sunday.', undefined, 'max(c.weekday)');

/** Calls by day in the clinic's time zone. */
export function callsDailyView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  const { timeZone } = settings;
  return {
    name: 'calls_daily',
    key: ['source', 'account', 'date'],
    doc: `One row per source, account and day in the time zone of the clinic (${timeZone}). All measures can be added up, except costs of different or unknown currency: divide sums, never average averages.`,
    columns: {
      ...sourceAndAccount('c'),
      date: date(`Day the calls started (${timeZone}); null for calls without a plausible start.`, 'c.local_date'),
      weekday: WEEKDAY,
      is_complete_day: boolean(
        'True once the day was read to its end; false for today, and for days after the last complete run.',
        'c.local_date < max(v.covered_until)',
      ),
      ...measures(tables, settings),
    },
    from: `${callsWithCoverage(settings, databases)}\nGROUP BY c.source, c.account, c.local_date`,
  };
}

/** Calls by day and hour in the clinic's time zone. */
export function callsHourlyView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  const { timeZone } = settings;
  return {
    name: 'calls_hourly',
    key: ['source', 'account', 'date', 'hour'],
    doc: `One row per source, account, day and hour in the time zone of the clinic (${timeZone}), without calls that have no plausible start.`,
    columns: {
      ...sourceAndAccount('c'),
      date: date(`Day the calls started (${timeZone}).`, 'c.local_date'),
      hour: bigint(`Hour of the day in which the calls started, 0 to 23 (${timeZone}).`, 'h', 'c.local_hour'),
      weekday: WEEKDAY,
      ...pick(measures(tables, settings), [
        ...(['calls', 'inbound_calls', 'outbound_calls', 'answered_inbound_calls', 'missed_calls'] as const),
        ...(['waited_calls', 'wait_seconds', 'in_target_calls', 'timed_calls', 'duration_seconds'] as const),
        'booked_calls',
      ]),
    },
    from: `FROM ${quoteName(databases.safe)}."calls" c\nWHERE c.local_date IS NOT NULL\nGROUP BY c.source, c.account, c.local_date, c.local_hour`,
  };
}

/** A call with a clinician and an agent is the clinician's. */
const HANDLER_KIND = "CASE WHEN c.provider_id IS NOT NULL THEN 'clinician' ELSE 'agent' END";
const HANDLER_ID = 'COALESCE(c.provider_id, c.agent)';

/** Calls by week and by who handled them. */
export function handlersWeeklyView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  const week = "CAST(date_trunc('week', c.local_date) AS date)";
  return {
    name: 'handlers_weekly',
    key: ['source', 'account', 'week', 'handler_kind', 'handler_id'],
    doc: 'One row per week and handler: the clinician (Kismet) or the voice agent. Calls without a handler or a plausible start are left out.',
    columns: {
      ...sourceAndAccount('c'),
      week: date('Monday with which the week begins.', week),
      is_complete_week: boolean(
        'True once all seven days were read to their end.',
        `${week} + INTERVAL '7' DAY <= max(v.covered_until)`,
      ),
      handler_kind: text('clinician or agent.', HANDLER_KIND),
      handler_id: text('Id of the clinician, or id or name of the agent.', HANDLER_ID),
      handler_name: text('Name to show.', 'max(COALESCE(c.provider_name, c.provider_id, c.agent))'),
      ...pick(measures(tables, settings), [
        ...(['calls', 'inbound_calls', 'answered_inbound_calls', 'missed_calls', 'timed_calls'] as const),
        ...(['duration_seconds', 'after_hours_calls', 'bookable_calls', 'booked_calls', 'sessions_scheduled'] as const),
        ...(['follow_up_calls', 'costed_calls', 'cost', 'cost_currency'] as const),
      ]),
    },
    from: [
      callsWithCoverage(settings, databases),
      `WHERE ${HANDLER_ID} IS NOT NULL AND c.local_date IS NOT NULL`,
      `GROUP BY c.source, c.account, ${week}, ${HANDLER_KIND}, ${HANDLER_ID}`,
    ].join('\n'),
  };
}

/** Calls by day and by what they were about. */
export function categoriesDailyView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  return {
    name: 'categories_daily',
    key: ['source', 'account', 'date', 'category', 'language'],
    doc: 'One row per source, account, day, category and language, for calls with a category (Solum). Calls without one are left out: for languages, or for all bookings, read calls. It has no cost.',
    columns: {
      ...sourceAndAccount('c'),
      date: date(
        `Day the calls started (${settings.timeZone}); null for calls without a plausible start.`,
        'c.local_date',
      ),
      category: text('What the calls were about.', 'c.category'),
      language: text('Language spoken; null if unknown.', 'c.language'),
      ...pick(measures(tables, settings), [
        ...(['calls', 'timed_calls', 'duration_seconds', 'bookable_calls', 'booked_calls'] as const),
        ...(['sessions_scheduled', 'follow_up_calls'] as const),
      ]),
    },
    from: `FROM ${quoteName(databases.safe)}."calls" c\nWHERE c.category IS NOT NULL\nGROUP BY c.source, c.account, c.local_date, c.category, c.language`,
  };
}

function callsWithCoverage(settings: ViewSettings, databases: Databases): string {
  return `FROM ${quoteName(databases.safe)}."calls" c\nLEFT JOIN ${coverageOf(settings, databases)} v ON v.covered_source = c.source AND v.covered_account = c.account`;
}
