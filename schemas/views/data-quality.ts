import type { Databases } from '../derive/databases.ts';
import { quoteList, quoteName, quoteText } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { MAPPED } from './calls-columns.ts';
import { joinReadUntil } from './coverage.ts';
import { bigint, date, double, sourceAndAccount, text, type View } from './view.ts';
import { type BoundedColumn, greatestOf, type ViewSettings } from './view-settings.ts';

/** What the figures leave out or cannot know, counted. */
export function dataQualityView(tables: readonly Table[], settings: ViewSettings, databases: Databases): View {
  const issues = issuesOf(tables, settings);
  const found = 'CASE WHEN f.is_found THEN 1 END';
  return {
    name: 'data_quality',
    key: ['source', 'account', 'issue'],
    values: { issue: Object.fromEntries(issues.map(({ issue, meaning }) => [issue, meaning])) },
    oddities: `SELECT issue, source, account, calls, meaning FROM ${quoteName(databases.safe)}."data_quality" ORDER BY source, account, issue`,
    doc: 'What the figures leave out, counted: one row per source, account and issue that occurs.',
    columns: {
      ...sourceAndAccount('f'),
      issue: text('Word for what is odd, see below; meaning says the same.', 'f.issue'),
      meaning: text('What the issue means.', 'f.meaning'),
      calls: bigint('Calls that have the issue.', 'calls', `count(${found})`),
      share: double(
        'Share of the calls of the source and account, 0 to 1.',
        undefined,
        `CAST(count(${found}) AS double) / count(*)`,
      ),
      first_date: date('Day of the first of these calls.', 'min(CASE WHEN f.is_found THEN f.local_date END)'),
      last_date: date('Day of the last of these calls.', 'max(CASE WHEN f.is_found THEN f.local_date END)'),
    },
    from: [
      'FROM (',
      'SELECT c.source AS source, c.account AS account, c.local_date AS local_date, i.issue AS issue, i.meaning AS meaning,',
      `  CASE i.issue ${issues.map(({ issue, test }) => `WHEN '${issue}' THEN ${test}`).join(' ')} END AS is_found`,
      `FROM ${quoteName(databases.safe)}."calls" c ${joinReadUntil('c', databases)}`,
      `CROSS JOIN (VALUES ${issues.map(({ issue, meaning }) => `('${issue}', ${quoteText(meaning)})`).join(', ')}) AS i (issue, meaning)`,
      ') f',
      `GROUP BY f.source, f.account, f.issue, f.meaning HAVING count(${found}) > 0`,
    ].join('\n'),
  };
}

interface Issue {
  readonly issue: string;
  readonly meaning: string;
  /** Condition over a call `c` and the end `w.read_until` of what was read of its account. */
  readonly test: string;
}

function issuesOf(tables: readonly Table[], settings: ViewSettings): readonly Issue[] {
  const bounded = Object.entries(MAPPED).flatMap(([name, column]) => {
    if (!('plausible' in column)) return [];
    const greatest = greatestOf(name as BoundedColumn, settings);
    const { issue } = column.plausible;
    return [{ issue, meaning: `${name} is below 0 or above ${greatest}.`, test: isNamed(issue) }];
  });
  const telling = tables.flatMap(({ source, calls }) => (calls?.result === undefined ? [] : [source]));
  return [
    ...bounded,
    {
      issue: 'start',
      meaning: 'The start is before 2000, or more than a day after the run that saw it.',
      test: isNamed('start'),
    },
    { issue: 'end', meaning: 'The end is before the start.', test: isNamed('end') },
    {
      issue: 'no_start',
      meaning: 'The call never started, or the vendor gives no start.',
      test: 'c.started_at IS NULL',
    },
    {
      issue: 'no_end',
      meaning:
        'The call is not over, though it started more than a day before the end of what was read of its account.',
      test: `c.is_ended = FALSE AND c.local_date IS NOT NULL AND date_diff('millisecond', c.started_at, w.read_until) > 86400000`,
    },
    {
      issue: 'unknown_result',
      meaning: 'The call is over, but its status or reason is a word that Callhouse does not know.',
      test: telling.length === 0 ? 'FALSE' : `c.is_ended AND c.result IS NULL AND c.source IN ${quoteList(telling)}`,
    },
  ];
}

/** The view `calls` has already judged it. */
function isNamed(issue: string): string {
  return `(' ' || c.implausible || ' ') LIKE '% ${issue} %'`;
}
