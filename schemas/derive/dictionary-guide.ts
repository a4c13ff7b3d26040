import type { View } from '../views/view.ts';
import { markdownTable } from './markdown.ts';

/** Which view answers which question, what none can answer, and queries to start from. */
export function guide(views: readonly View[]): readonly string[] {
  const exists = (name: string) => views.some((view) => view.name === name);
  const routes = ROUTES.filter(({ from }) => from.every(exists));
  return [
    '## Which view to ask',
    markdownTable(
      ['question', 'view', 'mind'],
      routes.map(({ about, from, mind }) => [about, from.map((name) => `[${name}](#${name})`).join(', '), mind]),
    ),
    '## What cannot be answered',
    UNKNOWN.map((line) => `- ${line}`).join('\n'),
    '## Two queries to change',
    'Both are right on DuckDB and on Athena. [questions.md](questions.md) has thirty more, with their answers.',
    ...QUERIES.flatMap(({ title, sql }) => [title, `\`\`\`sql\n${sql}\n\`\`\``]),
  ];
}

interface Route {
  readonly about: string;
  /** Names of views; the route is shown if all of them exist. */
  readonly from: readonly string[];
  readonly mind: string;
}

const ROUTES: readonly Route[] = [
  {
    about: 'How was last week?',
    from: ['key_figures'],
    mind: '`base` is the number of calls that a figure rests on',
  },
  {
    about: 'Calls, missed calls, answer rate, outbound calls',
    from: ['calls_daily', 'calls_hourly'],
    mind: 'only Kalem and Zudu say whether a call was answered',
  },
  {
    about: 'Waits and service level',
    from: ['calls_daily', 'calls'],
    mind: "only Kalem; averages from the first, medians from the second with `direction = 'inbound'`",
  },
  {
    about: 'Calls of each clinician or voice agent',
    from: ['handlers_weekly'],
    mind: 'calls without a handler are left out',
  },
  { about: 'Cost', from: ['calls_daily', 'handlers_weekly'], mind: 'one `cost_currency` at a time' },
  { about: 'What callers want, and what they book', from: ['categories_daily'], mind: 'only calls with a category' },
  { about: 'Languages, or anything not grouped elsewhere', from: ['calls'], mind: 'one row per call' },
  { about: 'Who calls again?', from: ['repeat_calls'], mind: 'callers are known by a hash of their number' },
  { about: 'Follow-ups that are open', from: ['follow_ups'], mind: '`since_basis` says how sure the age is' },
  {
    about: 'How long follow-ups took',
    from: ['call_status_history'],
    mind: "`status = 'follow_up_needed'` from `valid_from` to `valid_to`, see [closed-follow-ups](questions.md#closed-follow-ups)",
  },
  {
    about: 'Length and attendance of video visits',
    from: ['kismet_sessions'],
    mind: 'the share of failed visits is in `kismet_metrics_reconciliation`',
  },
  { about: 'Who opened or changed a call?', from: ['call_access_log', 'call_changes'], mind: 'Kismet only' },
  { about: 'How many lines are needed?', from: ['concurrency_hourly'], mind: 'take the rows of one `source`' },
  {
    about: 'What is missing, and how fresh is it?',
    from: ['data_quality', 'freshness'],
    mind: '`data_through` is how far a stream was read',
  },
];

const UNKNOWN = [
  'The cost of a booking of one call, agent or vendor: Kalem and Zudu give the cost, Solum the bookings. [cost-per-booking](questions.md#cost-per-booking) divides the totals of all vendors.',
  'How long callers waited whom nobody answered, and each wait at Kismet, Solum and Zudu. Kismet gives a daily average: `average_wait_time_seconds` in the table `kismet_daily_call_metrics`.',
  'Whether a call at Kismet or Solum was answered, and which way a Kismet call went.',
  'Whether a patient came: `attendance` in `kismet_sessions` says who is listed as a participant, no vendor says more.',
  'Whether a call settled the matter: `repeat_calls` is an approximation.',
  'When a status changed at the vendor: Callhouse knows the runs between which it did.',
  'Who the caller was and what was said: names, numbers and transcripts are in no view.',
];

const QUERIES = [
  {
    title: 'Calls and answer rate of a month, by vendor:',
    sql: `SELECT source, sum(calls) AS calls, sum(missed_calls) AS missed,
  CAST(sum(answered_inbound_calls) AS double) / NULLIF(sum(answered_inbound_calls) + sum(missed_calls), 0) AS answer_rate
FROM calls_daily
WHERE date BETWEEN DATE '2026-10-01' AND DATE '2026-10-31'
GROUP BY source
ORDER BY source`,
  },
  {
    title:
      'Median and 95th percentile of the waits in a month, by nearest rank as in `key_figures`. `missed = FALSE` keeps inbound calls that were answered:',
    sql: `SELECT min(CASE WHEN place >= 0.5e0 * waits THEN wait_seconds END) AS median_seconds,
  min(CASE WHEN place >= 0.95e0 * waits THEN wait_seconds END) AS p95_seconds, max(waits) AS calls
FROM (
  SELECT wait_seconds, row_number() OVER (ORDER BY wait_seconds) AS place, count(*) OVER () AS waits
  FROM calls
  WHERE missed = FALSE AND wait_seconds IS NOT NULL AND local_date BETWEEN DATE '2026-10-01' AND DATE '2026-10-31'
) w`,
  },
];
