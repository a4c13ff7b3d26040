import type { Databases } from '../derive/databases.ts';
import { quoteName, quoteText, toLocalTime } from '../derive/sql-text.ts';
import { tryCast } from '../derive/view-sql.ts';
import type { CallsMapping, Table } from '../table.ts';
import { comparable, MAPPED, type MappedColumn } from './calls-columns.ts';
import { type DetailsJoin, type JoinedMapping, withDetails } from './calls-details.ts';
import { afterHours, weekdayOf } from './opening-hours.ts';
import { bigint, boolean, clinicTime, date, sourceAndAccount, text, type View, type ViewColumn } from './view.ts';
import { type BoundedColumn, greatestOf, type ViewSettings } from './view-settings.ts';

const NAMES = Object.keys(MAPPED) as readonly MappedColumn[];
const BOUNDED = NAMES.filter((name): name is BoundedColumn => 'plausible' in MAPPED[name]);

/** The calls of all vendors, one row each; undefined if no table holds calls. */
export function callsView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View | undefined {
  const parts = tables.flatMap((table) =>
    table.calls ? [callsOf(table, withDetails(table, table.calls, tables), settings, databases)] : [],
  );
  if (parts.length === 0) return undefined;
  const mapped = NAMES.map((name) => [
    name,
    'plausible' in MAPPED[name] ? boundedColumn(name, settings) : MAPPED[name],
  ]);
  return {
    name: 'calls',
    key: ['source', 'account', 'call_id'],
    references: {
      calls_daily: 'source, account, local_date = date',
      calls_hourly: 'source, account, local_date = date, local_hour = hour',
    },
    doc: 'One row per call of any vendor, in common columns, without calls that the vendor deleted. What a vendor does not say is null, never 0 or false.',
    columns: { ...sourceAndAccount('m'), ...Object.fromEntries(mapped), ...derivedColumns(settings) },
    from: [
      'FROM (',
      `SELECT source, account, ${NAMES.join(', ')},`,
      `  CASE WHEN ${IS_START_PLAUSIBLE} THEN ${toLocalTime('started_at', settings.timeZone)} END AS local_at,`,
      `  ${issuesOf(settings)} AS issues`,
      'FROM (',
      parts.join('\nUNION ALL\n'),
      ') u',
      ') m',
    ].join('\n'),
  };
}

/** A call cannot have started more than a day after the run that saw it. The run's scheduled time counts, so the view tells the same whenever it is read. */
const IS_START_PLAUSIBLE =
  "CASE WHEN started_at < TIMESTAMP '2000-01-01 00:00:00' OR started_at >= TIMESTAMP '9999-12-31 00:00:00' THEN FALSE ELSE started_at - INTERVAL '1' DAY <= seen_at END";

function derivedColumns(settings: ViewSettings): Readonly<Record<string, ViewColumn>> {
  const { timeZone } = settings;
  const words = [...BOUNDED.map((name) => MAPPED[name].plausible.issue), 'start', 'end'].join(', ');
  return {
    // A cost that is left out must not count as one of another currency.
    cost_currency: {
      ...MAPPED.cost_currency,
      sql: `CASE WHEN ${isPlausible('cost', settings)} THEN cost_currency END`,
    },
    missed: boolean(
      'True for an inbound call that nobody took, false for one that somebody took; null for outbound calls and if unknown.',
      `CASE WHEN ${MAPPED.direction.sql} = 'inbound' THEN NOT answered END`,
    ),
    booked: boolean(
      'True if at least one session was booked; null if the vendor does not say.',
      `CASE WHEN ${isPlausible('sessions_scheduled', settings)} THEN sessions_scheduled > 0 END`,
    ),
    local_at: clinicTime(
      `started_at on the clinic's clock (${timeZone}); null if the start is implausible. It has no time zone: do not convert it.`,
    ),
    local_date: date(`Day of local_at (${timeZone}).`, 'CAST(local_at AS date)'),
    local_hour: bigint('Hour of local_at, 0 to 23.', 'h', 'EXTRACT(HOUR FROM local_at)'),
    weekday: bigint(
      'Day of the week of local_date, 1 Monday to 7 Sunday.',
      undefined,
      weekdayOf('CAST(local_at AS date)'),
    ),
    is_after_hours: boolean(
      'True outside the opening hours of the settings (openingHours) and on closed days, for calls of every direction and channel; null if no hours are set, or local_at is null.',
      afterHours('local_at', settings),
    ),
    implausible: text(
      `Which values are left out, or doubted, because they are implausible: of ${words}; null if none is.`,
      "CASE WHEN issues <> '' THEN trim(issues) END",
    ),
  };
}

function boundedColumn(name: MappedColumn, settings: ViewSettings): ViewColumn {
  const column = name as BoundedColumn;
  const { type, doc, unit } = MAPPED[column] as ViewColumn;
  const range = `0 to ${greatestOf(column, settings)}${unit === 's' ? ' s' : ''}`;
  return {
    ...{ type, unit },
    doc: `${doc} Null unless it is from ${range}.`,
    sql: `CASE WHEN ${isPlausible(column, settings)} THEN ${column} END`,
  };
}

/** Comparing never fails, whatever the value. */
function isPlausible(column: BoundedColumn, settings: ViewSettings): string {
  return `${column} >= 0 AND ${column} <= ${greatestOf(column, settings)}`;
}

function issuesOf(settings: ViewSettings): string {
  const issues = [
    ...BOUNDED.map((name) => [MAPPED[name].plausible.issue, `NOT (${isPlausible(name, settings)})`]),
    ['start', `NOT (${IS_START_PLAUSIBLE})`],
    ['end', 'ended_at < started_at'],
  ];
  return issues.map(([word, found]) => `CASE WHEN ${found} THEN '${word} ' ELSE '' END`).join('\n  || ');
}

function callsOf(
  table: Table,
  { mapping, details }: JoinedMapping,
  settings: ViewSettings,
  databases: Databases,
): string {
  const columns = NAMES.map((name) => {
    return `  ${tryCast(expressionOf(name, table.source, mapping, settings), MAPPED[name].type)} AS ${name}`;
  });
  return [
    'SELECT',
    [
      `  CAST(${quoteText(table.source)} AS varchar) AS source`,
      '  account',
      ...columns,
      '  _changed_at AS seen_at',
    ].join(',\n'),
    `FROM ${quoteName(databases.safe)}.${quoteName(table.name)}`,
    ...joinsOf(table, databases),
    ...details.map((join) => joinText(join, databases)),
    'WHERE _deleted_at IS NULL',
  ].join('\n');
}

function joinText({ table, columns, on }: DetailsJoin, databases: Databases): string {
  const selected = [...columns].map(([name, alias]) => `${quoteName(name)} AS ${alias}`).join(', ');
  return [
    'LEFT JOIN (',
    `  SELECT ${selected} FROM ${quoteName(databases.safe)}.${quoteName(table.name)} WHERE _deleted_at IS NULL`,
    `) ON ${on.map(([own, alias]) => `${quoteName(own)} = ${alias}`).join(' AND ')}`,
  ].join('\n');
}

/** Joined columns get names of their own, so that the mapping's names stay those of its table. */
function joinsOf({ callsJoins = {} }: Table, databases: Databases): readonly string[] {
  return Object.entries(callsJoins).map(([join, { table, key, columns }]) => {
    const named = [...Object.keys(key), 'account', ...columns].map((name) => `${quoteName(name)} AS ${join}_${name}`);
    const matches = Object.entries({ account: 'account', ...key }).map(
      ([theirs, ours]) => `${join}_${theirs} = ${quoteName(ours)}`,
    );
    return `LEFT JOIN (SELECT ${named.join(', ')} FROM ${quoteName(databases.safe)}.${quoteName(table.name)}) ${join} ON ${matches.join(' AND ')}`;
  });
}

function expressionOf(
  name: MappedColumn,
  source: string,
  mapping: CallsMapping,
  { costCurrencies = {} }: ViewSettings,
): string {
  const expression = mapping[name];
  const currency = costCurrencies[source];
  if (name === 'cost_currency' && expression === undefined && currency !== undefined) return quoteText(currency);
  if (expression === undefined) return 'NULL';
  return comparable(name, expression);
}
