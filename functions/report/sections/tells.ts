import type { MappedColumn } from '../../../schemas/views/calls-columns.ts';
import type { Context } from '../context.ts';
import { type Cell, escapeHtml, htmlTable, sectionHtml } from '../html.ts';
import { sourceName } from '../words.ts';

const FACTS: readonly (readonly [label: string, column: MappedColumn])[] = [
  ['Direction', 'direction'],
  ['Answered or missed', 'answered'],
  ['Wait', 'wait_seconds'],
  ['Length', 'duration_seconds'],
  ['What it was about', 'category'],
  ['Bookings', 'sessions_scheduled'],
  ['Follow-ups', 'needs_follow_up'],
  ['Cost', 'cost'],
  ['Currency of the cost', 'cost_currency'],
  ['Clinician', 'provider_id'],
  ['Voice agent', 'agent'],
];

/** What each vendor says of a call, by the declarations of the tables. */
export function tells({ accounts, request }: Context): string {
  const sources = [...new Set(accounts.map(({ source }) => source))];
  const mappings = sources.flatMap((source) => {
    const table = request.tables.find((one) => one.source === source && one.calls !== undefined);
    return table?.calls ? [{ source, calls: table.calls }] : [];
  });
  if (mappings.length === 0) return '';
  const rows = FACTS.map(([label, column]): readonly Cell[] => [
    { html: label, kind: 'head' },
    ...mappings.map(({ source, calls }) => {
      const isSet = column === 'cost_currency' && request.views.costCurrencies?.[source] !== undefined;
      if (isSet) return { html: '✓ by the settings' };
      if (calls[column] === undefined) return { html: '<span class="none">–</span>' };
      return { html: column === 'answered' && calls.answered_basis === "'inferred'" ? '≈' : '✓' };
    }),
  ]);
  const headings = ['', ...mappings.map(({ source }) => escapeHtml(sourceName(source)))].map((html) => ({ html }));
  return sectionHtml(
    'tells',
    'What each vendor says',
    '✓ says it of a call · ≈ inferred from words that the vendor does not document · – does not say it.',
    htmlTable('What each vendor says of a call', headings, rows),
  );
}
