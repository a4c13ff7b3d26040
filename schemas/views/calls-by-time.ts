import type { Databases } from '../derive/databases.ts';
import { quoteName, toLocalTime } from '../derive/sql-text.ts';
import { bigint, date, decimal, double, text, type View, type ViewColumn, type ViewSettings } from './view.ts';

const RUN: Readonly<Record<string, ViewColumn>> = {
  source: text('Vendor.'),
  account: text('Account of the source.'),
};

const MEASURES: Readonly<Record<string, ViewColumn>> = {
  calls: bigint('Calls that began then.', 'calls'),
  inbound_calls: bigint('Of these, inbound.', 'calls'),
  outbound_calls: bigint('Of these, outbound.', 'calls'),
  duration_seconds: double('Their length together.', 's'),
  average_duration_seconds: double('Average length of those that have one.', 's'),
  average_wait_seconds: double('Average wait of those that were answered.', 's'),
};

const MEASURE_SQL = [
  '  count(*) AS calls',
  // Not count_if: of nothing but nulls DuckDB makes null, Trino 0.
  "  count(*) FILTER (WHERE direction = 'inbound') AS inbound_calls",
  "  count(*) FILTER (WHERE direction = 'outbound') AS outbound_calls",
  '  sum(duration_seconds) AS duration_seconds',
  '  avg(duration_seconds) AS average_duration_seconds',
  '  avg(wait_seconds) AS average_wait_seconds',
];

/** Calls by day of the clinic. */
export function callsDailyView({ timeZone }: ViewSettings, databases: Databases): View {
  return {
    name: 'calls_daily',
    doc: 'Calls by source, account and day in the time zone of the clinic.',
    columns: {
      ...RUN,
      date: date(`Day the calls began (${timeZone}); null for those that never did, or not in the years 1 to 9999.`),
      ...MEASURES,
      cost: decimal('Their cost together, in cost_currency; null from 10^12 on.'),
      cost_currency: text('Currency of the cost; null where the vendor does not document it.'),
      sessions_scheduled: bigint('Sessions booked in them; null where the sum leaves 64 bits.', 'sessions'),
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
        // Trino's sum of bigints is a bigint, and fails where it overflows.
        '  sum(CAST(sessions_scheduled AS decimal(38,0))) AS sessions_scheduled',
      ].join(',\n'),
      `FROM (${localCalls(timeZone, databases)}) c`,
      'GROUP BY source, account, CAST(local_at AS date)',
    ].join('\n'),
  };
}

/** Calls by day and hour of the clinic. */
export function callsHourlyView({ timeZone }: ViewSettings, databases: Databases): View {
  return {
    name: 'calls_hourly',
    doc: 'Calls by source, account, day and hour in the time zone of the clinic; calls without a day are left out.',
    columns: {
      ...RUN,
      date: date(`Day the calls began (${timeZone}).`),
      hour: bigint(`Hour of that day the calls began, 0 to 23 (${timeZone}).`, 'h'),
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
