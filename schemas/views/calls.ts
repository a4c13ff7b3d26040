import type { Databases } from '../derive/databases.ts';
import { quoteName, quoteText } from '../derive/sql-text.ts';
import { castForView } from '../derive/view-sql.ts';
import type { CallsMapping, Table } from '../table.ts';
import { bigint, decimal, double, text, timestamp, type View, type ViewColumn } from './view.ts';

const MAPPED: Readonly<Record<keyof CallsMapping, ViewColumn>> = {
  call_id: text('Id of the call at the vendor, as text.'),
  provider_id: text('Clinician the call belongs to, where the vendor knows one.'),
  agent: text('Voice agent or assistant that handled the call.'),
  direction: text('inbound or outbound; null where the vendor does not say.'),
  status: text("The vendor's status, in lower case with underscores."),
  outcome: text('How or why it ended, as the vendor says it.'),
  started_at: timestamp('When it began; null where it never did.'),
  ended_at: timestamp('When it ended; null while it lasts.'),
  duration_seconds: double('Length.', 's'),
  wait_seconds: double('Time until it was answered.', 's'),
  cost: decimal('Cost, in cost_currency.'),
  cost_currency: text('Currency of the cost; null where the vendor does not document it.'),
  sessions_scheduled: bigint('Sessions booked in the call.', 'sessions'),
  caller_hash: text("Keyed hash of the caller's number in E.164, equal across vendors; null where it is withheld."),
};

const NORMALISED: readonly (keyof CallsMapping)[] = ['status', 'direction'];

/** All calls of all vendors, a row each; undefined where no table holds calls. */
export function callsView(tables: readonly Table[], databases: Databases): View | undefined {
  const parts = tables.flatMap((table) => (table.calls ? [callsOf(table, table.calls, databases)] : []));
  if (parts.length === 0) return undefined;
  return {
    name: 'calls',
    doc: 'One row per call of any vendor; calls removed at the vendor are left out.',
    columns: {
      source: text('Vendor.'),
      account: text('Account of the source.'),
      ...MAPPED,
    },
    body: parts.join('\nUNION ALL\n'),
  };
}

function callsOf(table: Table, mapping: CallsMapping, databases: Databases): string {
  const columns = (Object.keys(MAPPED) as (keyof CallsMapping)[]).map((name) => {
    return `  ${castForView(expressionOf(name, mapping), MAPPED[name].type)} AS ${name}`;
  });
  return [
    'SELECT',
    [`  CAST(${quoteText(table.source)} AS varchar) AS source`, '  account', ...columns].join(',\n'),
    `FROM ${quoteName(databases.safe)}.${quoteName(table.name)}`,
    'WHERE _deleted_at IS NULL',
  ].join('\n');
}

function expressionOf(name: keyof CallsMapping, mapping: CallsMapping): string {
  const expression = mapping[name];
  if (expression === undefined) return 'NULL';
  return NORMALISED.includes(name) ? `replace(replace(lower(${expression}), '-', '_'), ' ', '_')` : expression;
}
