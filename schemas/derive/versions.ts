import { callVersions, type HistoryColumn } from '../call-versions.ts';
import { columnsIn } from '../layout.ts';
import type { Table } from '../table.ts';
import { comparable } from '../views/calls-columns.ts';
import { quoteColumns } from '../views/calls-details.ts';
import { DATABASES, type Databases } from './databases.ts';
import { shownValue } from './shown-sql.ts';
import { quoteList, quoteName, quoteText } from './sql-text.ts';
import { numberedRows, type StagedScope } from './staged-sql.ts';

/** Which staged rows become versions. */
export interface VersionScope extends StagedScope {
  /** Least and greatest number of the commits, which the rows have as `_seq`. */
  readonly seqFrom: number;
  readonly seqTo: number;
}

/** Versions of some calls of one account. */
export interface CallsOfAccount {
  readonly table: Table;
  readonly account: string;
}

const COLUMNS = Object.keys(callVersions.columns);

/** True if `call_versions` keeps the versions of the table's rows. */
export function hasHistory({ history = [] }: Pick<Table, 'history'>): boolean {
  return history.length > 0;
}

/** Names of those of the tables of which `call_versions` keeps versions. */
export function tablesWithHistory(tables: readonly Table[]): readonly string[] {
  return tables.filter(hasHistory).map(({ name }) => name);
}

/**
 * Statement that adds the versions of staged rows to `call_versions`. The same text runs on Athena (Iceberg) and DuckDB.
 *
 * It compares nothing with the table's rows but the key, of which the commit's number is a part. So batches may be merged in any order
 * and repeated. Of several staged rows of a commit with one key, the last one counts. A text that `callhouse` does not show is null.
 */
export function versionsText(table: Table, scope: VersionScope, databases: Databases = DATABASES): string {
  const names = COLUMNS.map(quoteName).join(', ');
  return [
    `MERGE INTO ${quoteName(databases.safe)}.${quoteName(callVersions.name)} t`,
    `USING (\n${stagedVersions(table, scope, databases)}\n) s`,
    // The range is what an engine skips files by.
    `ON ${ownerTest('t', table, scope.account)} AND t."seq" BETWEEN ${scope.seqFrom} AND ${scope.seqTo}`,
    '  AND t."call_id" = s."call_id" AND t."seq" = s."seq"',
    `WHEN NOT MATCHED THEN INSERT (${names})`,
    `  VALUES (${COLUMNS.map((name) => `s.${quoteName(name)}`).join(', ')})`,
  ].join('\n');
}

/** Statement that deletes the versions of these commits, before the rows that they stage now are added. Both engines run it. */
export function deleteVersionsText(
  calls: CallsOfAccount,
  commits: readonly number[],
  databases: Databases = DATABASES,
): string {
  return `${deleteFrom(calls, databases)} AND "seq" IN (${commits.join(', ')})`;
}

/** Statement that deletes every version of these calls. Both engines run it. @param ids not empty */
export function eraseVersionsText(
  calls: CallsOfAccount,
  ids: readonly string[],
  databases: Databases = DATABASES,
): string {
  return `${deleteFrom(calls, databases)} AND "call_id" IN ${quoteList(ids)}`;
}

/** Query for the number of versions of these calls. Both engines run it. @param ids not empty */
export function countVersionsText(
  calls: CallsOfAccount,
  ids: readonly string[],
  databases: Databases = DATABASES,
): string {
  return `SELECT count(*) ${fromVersions(calls, databases)} AND "call_id" IN ${quoteList(ids)}`;
}

function deleteFrom(calls: CallsOfAccount, databases: Databases): string {
  return `DELETE ${fromVersions(calls, databases)}`;
}

function fromVersions({ table, account }: CallsOfAccount, { safe }: Databases): string {
  return `FROM ${quoteName(safe)}.${quoteName(callVersions.name)} WHERE ${ownerTest('', table, account)}`;
}

function ownerTest(alias: string, { source }: Table, account: string): string {
  const of = alias === '' ? '' : `${alias}.`;
  return `${of}"account" = ${quoteText(account)} AND ${of}"source" = ${quoteText(source)}`;
}

/** One version per key and commit, with the columns of the table and texts as `callhouse` shows them. */
function stagedVersions(table: Table, scope: VersionScope, databases: Databases): string {
  const shown = columnsIn(table, 'safe').map(
    (column) => `${shownValue(column, 'safe', 'x')} AS ${quoteName(column.name)}`,
  );
  const values = valuesOf(table);
  return [
    `  SELECT ${COLUMNS.map((name) => `${values[name]} AS ${quoteName(name)}`).join(', ')}`,
    '  FROM (',
    `    SELECT ${[...shown, 'x."_op"'].join(', ')}`,
    '    FROM (',
    ...numberedRows(table, scope, { by: ['account', ...table.key, '_seq'], newest: ['_row'] }, databases),
    '    ) x',
    '    WHERE x.rn = 1',
    '  ) v',
  ].join('\n');
}

/** Expressions for the columns of `call_versions`, over the columns of the table in `callhouse` and `_op`. */
function valuesOf(table: Table): Readonly<Record<string, string>> {
  const { source, key, calls, history = [] } = table;
  const written = (name: HistoryColumn) => comparable(name, quoteColumns(calls?.[name] ?? 'NULL', table));
  const kept = (name: HistoryColumn) => `CAST(${history.includes(name) ? written(name) : 'NULL'} AS varchar)`;
  return {
    source: `CAST(${quoteText(source)} AS varchar)`,
    account: '"account"',
    call_id: `CAST(${quoteName(key[0] ?? '')} AS varchar)`,
    seq: '"_seq"',
    seen_at: 'CAST("_changed_at" AS timestamp(6))',
    status: kept('status'),
    category: kept('category'),
    is_removed: `"_op" <> 'upsert'`,
  };
}
