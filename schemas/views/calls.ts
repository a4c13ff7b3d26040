import type { Databases } from '../derive/databases.ts';
import { quoteName, quoteText } from '../derive/sql-text.ts';
import { castForView } from '../derive/view-sql.ts';
import type { CallsMapping, Table } from '../table.ts';
import { type DetailsJoin, type JoinedMapping, withDetails } from './calls-details.ts';
import { bigint, decimal, double, text, timestamp, type View, type ViewColumn } from './view.ts';

const MAPPED: Readonly<Record<keyof CallsMapping, ViewColumn>> = {
  call_id: text('Id of the call at the vendor, as text.'),
  provider_id: text('Clinician of the call; null if the vendor knows none.'),
  agent: text('Voice agent or assistant that handled the call.'),
  direction: text('inbound or outbound; null if the vendor does not say.'),
  status: text("The vendor's status, in lower case with underscores."),
  outcome: text("How or why the call ended, in the vendor's words."),
  started_at: timestamp('When the call started; null if it never did.'),
  ended_at: timestamp('When the call ended; null while it lasts or if the vendor does not say.'),
  duration_seconds: double('Duration of the call.', 's'),
  wait_seconds: double('Time until the call was answered.', 's'),
  cost: decimal('Cost, in cost_currency.'),
  cost_currency: text('Currency of the cost; null if the vendor does not document it.'),
  sessions_scheduled: bigint('Sessions booked in the call.', 'sessions'),
  caller_hash: text(
    "Keyed hash of the caller's number in E.164, equal across vendors; null if there is no valid number.",
  ),
};

/** Columns in which vendors differ only in case, hyphens, spaces and underscores. */
const NORMALISED: readonly (keyof CallsMapping)[] = ['status', 'direction'];

/** The calls of all vendors, one row each; undefined if no table holds calls. */
export function callsView(tables: readonly Table[], databases: Databases): View | undefined {
  const parts = tables.flatMap((table) =>
    table.calls ? [callsOf(table, withDetails(table, table.calls, tables), databases)] : [],
  );
  if (parts.length === 0) return undefined;
  return {
    name: 'calls',
    doc: 'One row per call of any vendor, without calls that the vendor deleted.',
    columns: {
      source: text('Vendor.'),
      account: text('Account of the source.'),
      ...MAPPED,
    },
    body: parts.join('\nUNION ALL\n'),
  };
}

function callsOf(table: Table, { mapping, details }: JoinedMapping, databases: Databases): string {
  const columns = (Object.keys(MAPPED) as (keyof CallsMapping)[]).map((name) => {
    return `  ${castForView(expressionOf(name, mapping), MAPPED[name].type)} AS ${name}`;
  });
  return [
    'SELECT',
    [`  CAST(${quoteText(table.source)} AS varchar) AS source`, '  account', ...columns].join(',\n'),
    `FROM ${quoteName(databases.safe)}.${quoteName(table.name)}`,
    ...details.map((join) => joinText(join, databases)),
    'WHERE _deleted_at IS NULL',
  ].join('\n');
}

function joinText({ table, columns, on }: DetailsJoin, databases: Databases): string {
  const selected = [...columns].map(([name, alias]) => `${quoteName(name)} AS ${alias}`).join(', ');
  return [
    'LEFT JOIN (',
    `  SELECT ${selected} FROM ${quoteName(databases.safe)}.${quoteName(table.name)} WHERE _deleted_at IS NULL`,
    `) ON ${on.map(([own, alias]) => `${own} = ${alias}`).join(' AND ')}`,
  ].join('\n');
}

function expressionOf(name: keyof CallsMapping, mapping: CallsMapping): string {
  const expression = mapping[name];
  if (expression === undefined) return 'NULL';
  return NORMALISED.includes(name) ? `replace(replace(lower(${expression}), '-', '_'), ' ', '_')` : expression;
}
