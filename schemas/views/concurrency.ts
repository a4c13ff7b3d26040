import type { Databases } from '../derive/databases.ts';
import { quoteName, quoteText, toLocalTime } from '../derive/sql-text.ts';
import { bigint, date, text, type View } from './view.ts';
import { greatestOf, type ViewSettings } from './view-settings.ts';

/** How many calls were in progress at once. @param hasSessions true if the view `kismet_sessions` exists, which knows when Kismet's calls ended */
export function concurrencyView(settings: ViewSettings, hasSessions: boolean, databases: Databases): View {
  const { timeZone } = settings;
  const local = toLocalTime('g.minute', timeZone);
  return {
    name: 'concurrency_hourly',
    key: ['source', 'account', 'date', 'hour'],
    doc: 'Most calls at the same moment: one row per hour in which a call began or ended, by source and account, and over all vendors (source null). All channels count, also Kismet video (ends from kismet_sessions): for phone lines read the rows by source. Calls without a plausible end, and those that last, are left out.',
    columns: {
      source: text('Vendor; null for all of them.', 'h.source'),
      account: text('Account of the source; null for all of them.', 'h.account'),
      date: date(`Day (${timeZone}).`, 'CAST(h.local_at AS date)'),
      hour: bigint(`Hour of the day, 0 to 23 (${timeZone}).`, 'h', 'EXTRACT(HOUR FROM h.local_at)'),
      peak_calls: bigint('Most calls at the same moment.', 'calls', 'max(h.peak)'),
    },
    // The peak of each minute first: converting every moment to local time would take most of the time.
    from: [
      `FROM (SELECT g.source AS source, g.account AS account, ${local} AS local_at, g.peak AS peak FROM (`,
      `SELECT source, account, ${MINUTE} AS minute, max(CASE WHEN step = -1 THEN going + 1 ELSE going END) AS peak`,
      `FROM (${goingOn(settings, hasSessions, databases)}) o`,
      `GROUP BY source, account, ${MINUTE}`,
      ') g) h',
      'GROUP BY h.source, h.account, CAST(h.local_at AS date), EXTRACT(HOUR FROM h.local_at)',
    ].join('\n'),
  };
}

/** A call is in progress until just before its end, which may be in the hour before. */
const MINUTE = "date_trunc('minute', CASE WHEN step = -1 THEN moment - INTERVAL '0.001' SECOND ELSE moment END)";

/** The number of calls after each begin and end. At the same moment ends count first, so that a call that follows another is not beside it. */
function goingOn(settings: ViewSettings, hasSessions: boolean, databases: Databases): string {
  const ofAll = (column: string) => `CASE WHEN x.every = 1 THEN NULL ELSE c.${column} END AS ${column}`;
  return [
    'SELECT source, account, moment, step,',
    '  sum(step) OVER (PARTITION BY source, account ORDER BY moment, step ROWS UNBOUNDED PRECEDING) AS going',
    'FROM (',
    `SELECT ${ofAll('source')}, ${ofAll('account')}, s.step AS step, CASE WHEN s.step = 1 THEN c.started_at ELSE c.ended_at END AS moment`,
    `FROM (${ended(settings, hasSessions, databases)}) c`,
    'CROSS JOIN (VALUES (1), (-1)) AS s (step) CROSS JOIN (VALUES (0), (1)) AS x (every)',
    ') e',
  ].join('\n');
}

/** Calls with a plausible begin and end. */
function ended(settings: ViewSettings, hasSessions: boolean, databases: Databases): string {
  const safe = quoteName(databases.safe);
  const longestMs = greatestOf('duration_seconds', settings) * 1000;
  const calls = `SELECT source, account, started_at, ended_at FROM ${safe}."calls" WHERE local_date IS NOT NULL AND ended_at >= started_at AND date_diff('millisecond', started_at, ended_at) <= ${longestMs}`;
  const sessions = `SELECT CAST(${quoteText('kismet')} AS varchar) AS source, account, created_at AS started_at, ended_at FROM ${safe}."kismet_sessions" WHERE length_seconds IS NOT NULL`;
  return hasSessions ? `${calls} UNION ALL ${sessions}` : calls;
}
