import type { Context } from '../context.ts';
import type { QualityIssue } from '../facts.ts';
import { type Cell, escapeHtml, htmlTable, sectionHtml } from '../html.ts';
import type { AccountState } from '../state.ts';
import { RECONCILIATION } from '../statements.ts';
import { count, counted, instant, listed, plain, sourceName, UNKNOWN } from '../words.ts';

/** Whether the figures can be trusted: how far everything was read, and what they leave out. */
export function trust(context: Context): string {
  const { facts, state } = context;
  const rows = state.accounts.map((account) => stateRow(account, context));
  const headings = ['State', 'Account', 'Read up to', 'Streams', ''].map((html) => ({ html }));
  const { days = 0, equal = 0 } = facts.reconciliation ?? {};
  const agrees =
    days === 0
      ? ''
      : ` ${sourceName(RECONCILIATION.source)}'s own count of calls agrees with what was read on ${equal} of ${counted(days, 'day')}.`;
  return sectionHtml(
    'data',
    'Can these figures be trusted?',
    rows.length === 0 ? 'No run was loaded yet.' : `How far each account was read when this page was made.${agrees}`,
    rows.length === 0 ? '' : htmlTable('State of the data', headings, rows),
    leftOut(context),
  );
}

function stateRow(state: AccountState, { nameOf, request }: Context): readonly Cell[] {
  const { tone, text, through, streams, behind, isFailing } = state;
  const which =
    behind.length === 0 || behind.length === streams
      ? counted(streams, 'stream')
      : `${behind.length} of ${streams} behind: ${listed(behind.map(plain))}`;
  return [
    { html: `<span class="badge ${tone}">${text}</span>` },
    { html: escapeHtml(nameOf(state)), kind: 'head' },
    { html: through === null ? UNKNOWN : instant(through, request.views.timeZone) },
    { html: escapeHtml(which) },
    { html: isFailing ? '<span class="bad">the last run failed</span>' : '' },
  ];
}

function leftOut({ facts, nameOf }: Context): string {
  if (facts.quality.length === 0) return '';
  const byMeaning = new Map<string, QualityIssue[]>();
  for (const issue of facts.quality) byMeaning.set(issue.meaning, [...(byMeaning.get(issue.meaning) ?? []), issue]);
  const rows = [...byMeaning].map(([meaning, issues]): readonly Cell[] => [
    { html: count(issues.reduce((sum, { calls }) => sum + calls, 0)), kind: 'number' },
    { html: escapeHtml(meaning) },
    { html: escapeHtml(listed([...new Set(issues.map(nameOf))])) },
  ]);
  const headings = [{ html: 'Calls', isNumber: true }, { html: 'What is left out or doubted' }, { html: 'Account' }];
  return `<p class="lead gap">Left out of the figures, or doubted, in all of history:</p>\n${htmlTable('What the figures leave out', headings, rows)}`;
}
