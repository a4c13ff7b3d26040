import type { Table } from '../table.ts';
import type { Databases } from './databases.ts';
import { safeKeyConditions } from './shown-sql.ts';
import { quoteList, quoteName, quoteText } from './sql-text.ts';

/** Staged rows of one account. */
export interface StagedScope {
  readonly account: string;
  readonly loadIds: readonly string[];
  /** `day=` folders of the staged files, `YYYY-MM-DD`. */
  readonly days: readonly string[];
}

/** Columns whose equal values make rows one, and those whose greatest values say which of them counts. */
interface Numbering {
  readonly by: readonly string[];
  readonly newest: readonly string[];
}

/** Lines of a query for the staged rows of a table that may be in it; of those that are one, the row that counts has `rn` 1. */
export function numberedRows(
  table: Table,
  scope: StagedScope,
  { by, newest }: Numbering,
  { staging }: Databases,
): readonly string[] {
  const names = by.map((name) => `s.${quoteName(name)}`).join(', ');
  const order = newest.map((name) => `s.${quoteName(name)} DESC`).join(', ');
  return [
    `    SELECT s.*, row_number() OVER (PARTITION BY ${names} ORDER BY ${order}) AS rn`,
    `    FROM ${quoteName(staging)}.${quoteName(table.name)} s`,
    ...scopeConditions(table, scope, 's').map((line) => `    ${line}`),
  ];
}

/** Lines of the WHERE clause that selects the staged rows of the scope which may be in the table. */
export function scopeConditions(
  table: Table,
  { account, loadIds, days }: StagedScope,
  alias: string,
): readonly string[] {
  const safeKeys = safeKeyConditions(table, alias);
  // acct and day are the staged files' folders; naming them spares Athena listing all others.
  return [
    `WHERE ${alias}."acct" = ${quoteText(account)} AND ${alias}."day" IN ${quoteList(days)}`,
    `  AND ${alias}."account" = ${quoteText(account)} AND ${alias}."_load_id" IN ${quoteList(loadIds)}`,
    ...(safeKeys.length > 0 ? [`  AND (${alias}."_hidden" IS NOT NULL OR (${safeKeys.join(' AND ')}))`] : []),
  ];
}

/** Query for the first days of the months that have staged rows of the scope. The same text runs on Athena and DuckDB. */
export function stagedMonthsText(table: Table, scope: StagedScope, { staging }: Databases): string {
  return [
    'SELECT DISTINCT CAST(CAST(date_trunc(\'month\', x."_part_on") AS date) AS varchar)',
    `FROM ${quoteName(staging)}.${quoteName(table.name)} x`,
    ...scopeConditions(table, scope, 'x'),
  ].join('\n');
}
