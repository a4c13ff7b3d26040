import type { Databases } from '../derive/databases.ts';
import { quoteName, toLocalTime } from '../derive/sql-text.ts';
import { bigint, date, decimal, double, text, type View, type ViewColumn, type ViewSettings } from './view.ts';

const RUN: Readonly<Record<string, ViewColumn>> = {
  source: text('Vendor.'),
  account: text('Account of the source.'),
};

const MEASURES: Readonly<Record<string, ViewColumn>> = {
  calls: bigint('Calls that started in this period.', 'calls'),
  inbound_calls: bigint('Inbound calls among them.', 'calls'),
  outbound_calls: bigint('Outbound calls among them.', 'calls'),
  duration_seconds: double('Total duration of these calls.', 's'),
  average_duration_seconds: double('Average duration of the calls that have one.', 's'),
  average_wait_seconds: double('Average wait of the calls that have one.', 's'),
};

const MEASURE_SQL = [
  '  count(*) AS calls',
  // Not count_if: if every value is null, DuckDB gives null and Trino 0.
  "  count(*) FILTER (WHERE direction = 'inbound') AS inbound_calls",
  "  count(*) FILTER (WHERE direction = 'outbound') AS outbound_calls",
  '  sum(duration_seconds) AS duration_seconds',
  '  avg(duration_seconds) AS average_duration_seconds',
  '  avg(wait_seconds) AS average_wait_seconds',
];

/** Calls by day in the clinic's time zone. */
export function callsDailyView({ timeZone }: ViewSettings, databases: Databases): View {
  return {
    name: 'calls_daily',
    doc: 'One row per source, account and day in the time zone of the clinic.',
    columns: {
      ...RUN,
      date: date(`Day the calls started (${timeZone}); null for calls without a start in the years 1 to 9999.`),
      ...MEASURES,
      cost: decimal('Total cost of these calls, in cost_currency; null if it is 10^12 or more.'),
      cost_currency: text('Currency of the cost; null if the vendor does not document it.'),
      sessions_scheduled: bigint('Sessions booked in these calls; null if the sum exceeds 64 bits.', 'sessions'),
    },
    body: [
      'SELECT',
      [
        '  source',
        '  account',
        '  CAST(local_at AS date) AS date',
        ...MEASURE_SQL,
        '  sum(cost) AS cost',
        '  max(cost_currency) AS cost_currency',
        // On Trino a sum of bigints is a bigint, and an overflow fails the query.
        '  sum(CAST(sessions_scheduled AS decimal(38,0))) AS sessions_scheduled',
      ].join(',\n'),
      `FROM (${localCalls(timeZone, databases)}) c`,
      'GROUP BY source, account, CAST(local_at AS date)',
    ].join('\n'),
  };
}

/** Calls by day and hour in the clinic's time zone. */
export function callsHourlyView({ timeZone }: ViewSettings, databases: Databases): View {
  return {
    name: 'calls_hourly',
    doc: 'One row per source, account, day and hour in the time zone of the clinic, without calls that have no start.',
    columns: {
      ...RUN,
      date: date(`Day the calls started (${timeZone}).`),
      hour: bigint(`Hour of the day in which the calls started, 0 to 23 (${timeZone}).`, 'h'),
      ...MEASURES,
    },
    body: [
      'SELECT',
      [
        '  source',
        '  account',
        '  CAST(local_at AS date) AS date',
        '  EXTRACT(HOUR FROM local_at) AS hour',
        ...MEASURE_SQL,
      ].join(',\n'),
      `FROM (${localCalls(timeZone, databases)}) c`,
      'WHERE local_at IS NOT NULL',
      'GROUP BY source, account, CAST(local_at AS date), EXTRACT(HOUR FROM local_at)',
    ].join('\n'),
  };
}

function localCalls(timeZone: string, databases: Databases): string {
  const columns = 'source, account, direction, duration_seconds, wait_seconds, cost, cost_currency, sessions_scheduled';
  const local = toLocalTime('started_at', timeZone);
  return `SELECT ${columns}, ${local} AS local_at FROM ${quoteName(databases.safe)}."calls"`;
}
