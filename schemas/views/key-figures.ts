import type { Databases } from '../derive/databases.ts';
import { quoteList, quoteName, quoteText } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { coverageOf } from './coverage.ts';
import { type Figure, figuresOf, groupSql } from './figures.ts';
import { sourcesWithWait } from './measures.ts';
import { bigint, boolean, date, double, text, type View } from './view.ts';
import { targetsOf, type ViewSettings } from './view-settings.ts';

/** The figures that a clinic is led by, for the last seven complete days beside the seven before. */
export function keyFiguresView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  // Days without a call have no rows. Once they were read, their number of calls is known, and 0.
  const orNone = (sql: string) => `COALESCE(${sql}, CASE WHEN y.metric = 'calls' AND max(y.is_read) = 1 THEN 0 END)`;
  const now = orNone('max(CASE WHEN y.period = 0 THEN y.value END)');
  const before = 'max(CASE WHEN y.period = 1 THEN y.value END)';
  return {
    name: 'key_figures',
    key: ['source', 'account', 'metric'],
    values: { metric: Object.fromEntries(figuresOf(settings).map(({ metric, means }) => [metric, means])) },
    doc: 'One row per figure, for all vendors together (source null) and for each account: the last 7 complete days beside the 7 days before. Made for tiles, mails and alerts.',
    columns: {
      source: text('Vendor; null for all of them.', 'y.source'),
      account: text('Account of the source; null for all of them.', 'y.account'),
      metric: text('Name of the figure, see below.', 'y.metric'),
      label: text('Name of the figure to show.', 'max(y.label)'),
      unit: text('calls, sessions, s, ratio (0 to 1) or currency.', 'max(y.unit)'),
      better: bigint('1 if more is better, -1 if less is better, 0 if neither.', undefined, 'max(y.better)'),
      period_from: date('First of the 7 days.', "max(y.period_to) - INTERVAL '6' DAY"),
      period_to: date('Last of the 7 days: the newest day that any account has read to its end.', 'max(y.period_to)'),
      value: double('The figure; null if no vendor says.', undefined, now),
      base: bigint(
        'Calls that value rests on: few calls make a figure jump.',
        'calls',
        orNone('max(CASE WHEN y.period = 0 THEN y.base END)'),
      ),
      previous_value: double('The figure of the 7 days before.', undefined, before),
      previous_base: bigint(
        'Calls that previous_value rests on.',
        'calls',
        'max(CASE WHEN y.period = 1 THEN y.base END)',
      ),
      change: double('value minus previous_value; of ratios from -1 to 1.', undefined, `${now} - ${before}`),
      change_ratio: double(
        'change divided by previous_value; null for ratios.',
        undefined,
        `CASE WHEN max(y.unit) <> 'ratio' AND ${before} > 0 THEN ${now} / ${before} - 1 END`,
      ),
      is_complete: boolean(
        'False if not all of the 7 days were read; for all vendors together, by every account.',
        'max(y.is_read) = 1',
      ),
    },
    from: `FROM (\n${figures(tables, settings, databases)}\n) y\nGROUP BY y.source, y.account, y.metric`,
  };
}

/** One row per scope, period and figure. */
function figures(tables: readonly Table[], settings: ViewSettings, databases: Databases): string {
  const listed = figuresOf(settings);
  const values = listed.map(({ metric, label, unit, better }) => {
    return `(${[metric, label, unit].map(quoteText).join(', ')}, ${better})`;
  });
  const choose = (of: (figure: Figure) => string) =>
    `CASE f.metric ${listed.map((figure) => `WHEN '${figure.metric}' THEN ${of(figure)}`).join('\n    ')} END`;
  return [
    'SELECT a.source AS source, a.account AS account, a.period AS period, a.period_to AS period_to, a.is_read AS is_read,',
    '  f.metric AS metric, f.label AS label, f.unit AS unit, f.better AS better,',
    `  ${choose(quotientOf)} AS value,`,
    `  ${choose(({ base }) => `a.${base}`)} AS base`,
    `FROM (\n${groupSql(settings, ranked(tables, settings, databases))}\n) a`,
    `CROSS JOIN (VALUES ${values.join(', ')}) AS f (metric, label, unit, better)`,
  ].join('\n');
}

function quotientOf({ value, isShare, base }: Figure): string {
  const number = `CAST(a.${value} AS double)`;
  return isShare ? `CASE WHEN a.${base} > 0 THEN ${number} / a.${base} END` : number;
}

/** The calls of both periods, once in the scope of their account and once in that of all, with their ranks by wait and duration. */
function ranked(tables: readonly Table[], settings: ViewSettings, databases: Databases): string {
  const scope = 'p.source, p.account, p.period';
  // Calls without a value are ranked and counted among themselves, so that they do not shift the others. One partition serves both.
  const among = (column: string) => `PARTITION BY ${scope}, CASE WHEN p.${column} IS NULL THEN 0 ELSE 1 END`;
  const rank = (column: string) => `row_number() OVER (${among(column)} ORDER BY p.${column})`;
  const ranks = (column: string) => `count(*) OVER (${among(column)})`;
  return [
    `SELECT ${[...SCOPE, ...CALL].map((name) => `p.${name} AS ${name}`).join(', ')},`,
    `  ${rank('answer_seconds')} AS wait_rank, ${ranks('answer_seconds')} AS waits,`,
    `  ${rank('duration_seconds')} AS duration_rank, ${ranks('duration_seconds')} AS durations`,
    `FROM (\n${inScopes(tables, settings, databases)}\n) p`,
  ].join('\n');
}

const SCOPE = ['source', 'account', 'period', 'period_to', 'is_read'];
const CALL = [
  ...['missed', 'gives_wait', 'answer_seconds', 'duration_seconds', 'is_after_hours', 'booked'],
  ...['sessions_scheduled', 'is_repeat', 'cost', 'currency'],
];

function inScopes(tables: readonly Table[], settings: ViewSettings, databases: Databases): string {
  const ofAll = (mine: string) => `CASE WHEN x.every = 1 THEN NULL ELSE ${mine} END`;
  return [
    `SELECT ${ofAll('c.source')} AS source, ${ofAll('c.account')} AS account, c.period_to AS period_to,`,
    "  CASE WHEN c.local_date > c.period_to - INTERVAL '7' DAY THEN 0 ELSE 1 END AS period,",
    '  CASE WHEN CASE WHEN x.every = 1 THEN c.least_covered ELSE v.covered_until END > c.period_to THEN 1 ELSE 0 END AS is_read,',
    `  ${CALL.map((name) => `c.${name} AS ${name}`).join(', ')}`,
    `FROM (${recentCalls(tables, settings, databases)}) c`,
    `LEFT JOIN ${coverageOf(settings, databases)} v ON v.covered_source = c.source AND v.covered_account = c.account`,
    'CROSS JOIN (VALUES (0), (1)) AS x (every)',
    "WHERE c.local_date > c.period_to - INTERVAL '14' DAY",
  ].join('\n');
}

/** The calls of both periods, and those before them that make one a repeat: one reading of `calls` is enough. */
function recentCalls(tables: readonly Table[], settings: ViewSettings, databases: Databases): string {
  const { repeatDays } = targetsOf(settings);
  const before =
    'lag(c.started_at) OVER (PARTITION BY c.caller_hash, c.direction ORDER BY c.started_at, c.source, c.account, c.call_id)';
  const waits = sourcesWithWait(tables);
  const givesWait = waits.length > 0 ? `CASE WHEN c.source IN ${quoteList(waits)} THEN 1 ELSE 0 END` : '0';
  const isRepeat = `COALESCE(date_diff('millisecond', ${before}, c.started_at) <= ${repeatDays * 86_400_000}, FALSE)`;
  return [
    'SELECT c.source AS source, c.account AS account, c.local_date AS local_date, d.period_to AS period_to, d.least_covered AS least_covered,',
    `  c.missed AS missed, ${givesWait} AS gives_wait, CASE WHEN c.missed = FALSE THEN c.wait_seconds END AS answer_seconds,`,
    '  c.duration_seconds AS duration_seconds, c.is_after_hours AS is_after_hours, c.booked AS booked, c.sessions_scheduled AS sessions_scheduled,',
    `  CASE WHEN c.direction = 'inbound' AND c.caller_hash IS NOT NULL THEN ${isRepeat} END AS is_repeat,`,
    "  c.cost AS cost, CASE WHEN c.cost IS NOT NULL THEN COALESCE(c.cost_currency, '?') END AS currency",
    `FROM ${quoteName(databases.safe)}."calls" c`,
    `CROSS JOIN (SELECT CAST(max(covered_until) - INTERVAL '1' DAY AS date) AS period_to, min(covered_until) AS least_covered FROM ${coverageOf(settings, databases)} n) d`,
    `WHERE c.local_date > d.period_to - INTERVAL '${15 + Math.ceil(repeatDays)}' DAY AND c.local_date <= d.period_to`,
  ].join('\n');
}
