import { columnsIn } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { partRange, quoteList, quoteName, quoteText } from './sql-text.ts';

/** Rows of one account whose `_part_on` is within these days, `YYYY-MM-DD`, both inclusive. */
export interface RehashSpan {
  readonly account: string;
  readonly partFrom: string;
  readonly partTo: string;
}

/** Names of the columns that hold keyed hashes; empty if the table has none. */
export function hashColumns({ columns, callerNumber }: Table): readonly string[] {
  const hashed = Object.entries(columns).flatMap(([name, { hash }]) => (hash === undefined ? [] : [`${name}_hash`]));
  return callerNumber ? [...hashed, '_caller_hash'] : hashed;
}

/** Declared columns that the hashes are made from: the hashed ones, and what tells the caller's number. */
export function hashSources({ columns, callerNumber }: Table): readonly string[] {
  const hashed = Object.keys(columns).filter((name) => columns[name]?.hash !== undefined);
  const { inbound, outbound, direction } = callerNumber ?? {};
  const caller = [inbound, outbound, direction].filter((name) => name !== undefined);
  return [...new Set([...hashed, ...caller])];
}

/** Statement that reads the keys, `_part_on`, hash sources and stored hashes of rows, in this order. Both engines run it. */
export function hashRowsText(table: Table, span: RehashSpan, databases: Databases = DATABASES): string {
  const inPhi = new Set(columnsIn(table, 'phi').map(({ name }) => name));
  const stored = (name: string) => `t.${quoteName(name)}`;
  const source = (name: string) => (inPhi.has(name) ? `p.${quoteName(name)}` : `t.${quoteName(name)}`);
  const onKey = ['account', ...table.key].map((name) => `p.${quoteName(name)} = ${stored(name)}`);
  const within = (alias: string) =>
    `${alias}."account" = ${quoteText(span.account)} AND ${alias}."_part_on" ${partRange(span)}`;
  return [
    `SELECT ${table.key.map(stored).join(', ')}, CAST(t."_part_on" AS varchar),`,
    `  ${[...hashSources(table).map(source), ...hashColumns(table).map(stored)].join(', ')}`,
    `FROM ${quoteName(databases.safe)}.${quoteName(table.name)} t`,
    `LEFT JOIN ${quoteName(databases.phi)}.${quoteName(table.name)} p`,
    `  ON ${onKey.join(' AND ')} AND ${within('p')}`,
    `WHERE ${within('t')}`,
  ].join('\n');
}

/** Statement that gives rows of `callhouse` the hashes of staged rows, and changes nothing else. Both engines run it. */
export function rehashText(
  table: Table,
  { loadId, day, ...span }: RehashSpan & { readonly loadId: string; readonly day: string },
  databases: Databases = DATABASES,
): string {
  const columns = ['account', ...table.key, ...hashColumns(table)];
  const key = table.key.map((name) => `t.${quoteName(name)} = s.${quoteName(name)}`);
  return [
    `MERGE INTO ${quoteName(databases.safe)}.${quoteName(table.name)} t`,
    'USING (',
    `  SELECT ${columns.map(quoteName).join(', ')}`,
    `  FROM ${quoteName(databases.staging)}.${quoteName(table.name)}`,
    `  WHERE "acct" = ${quoteText(span.account)} AND "day" IN ${quoteList([day])}`,
    `    AND "account" = ${quoteText(span.account)} AND "_load_id" = ${quoteText(loadId)}`,
    ') s',
    `ON t."account" = ${quoteText(span.account)} AND t."_part_on" ${partRange(span)} AND ${key.join(' AND ')}`,
    'WHEN MATCHED THEN UPDATE SET',
    `  ${hashColumns(table)
      .map((name) => `${quoteName(name)} = s.${quoteName(name)}`)
      .join(', ')}`,
  ].join('\n');
}
