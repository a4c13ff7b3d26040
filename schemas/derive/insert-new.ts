import { columnsIn, type Twin } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { type MergeScope, stagedValue } from './merge.ts';
import { partRange, quoteName, quoteText } from './sql-text.ts';
import { numberedRows, scopeConditions } from './staged-sql.ts';

/** Where a staged row is: its `_seq`, which is the number of its commit, and its `_row` there. */
export interface StagedPlace {
  readonly seq: number | bigint;
  readonly row: number | bigint;
}

/**
 * Query for what `insertNewText` must know: `_seq` and `_row` of at most `most` staged rows that are not the latest of their key. A row of
 * nulls says that the rows cannot be inserted: a twin holds one of their keys, or a place is not that of one row alone. DuckDB alone runs
 * it; it reads the key, and takes a tenth of the time of a merge.
 */
export function supersededText(
  table: Table,
  scope: MergeScope,
  most: number,
  databases: Databases = DATABASES,
): string {
  const key = ['account', ...table.key];
  const places = '"_seq", "_row"';
  return [
    `WITH n AS (SELECT ${key.map(quoteName).join(', ')}, ${places}, rn FROM (`,
    ...numberedRows(table, scope, { by: key, newest: ['_seq', '_row'] }, databases),
    '))',
    `(SELECT ${places} FROM n WHERE rn > 1 LIMIT ${most})`,
    'UNION ALL SELECT NULL, NULL',
    `WHERE EXISTS (SELECT 1 FROM n GROUP BY ${places} HAVING count(*) > 1)`,
    ...(['phi', 'safe'] as const).map(
      (twin) =>
        `  OR EXISTS (SELECT 1 FROM (${heldRows(table, twin, scope, databases)}) t JOIN n USING (${key.map(quoteName).join(', ')}))`,
    ),
  ].join('\n');
}

function heldRows(table: Table, twin: Twin, scope: MergeScope, databases: Databases): string {
  const names = ['account', ...table.key].map(quoteName).join(', ');
  return `SELECT ${names} FROM ${quoteName(databases[twin])}.${quoteName(table.name)} WHERE "account" = ${quoteText(scope.account)} AND "_part_on" ${partRange(scope)}`;
}

/**
 * Statement that does to one twin what that of `mergeText` does, where the table holds none of the rows' keys and the scope has no removals.
 * DuckDB alone runs it, in a third of the time: it does not sort the rows with all their columns, and copies them once.
 * @param scope `superseded`: all staged rows of the scope that are not the latest of their key
 */
export function insertNewText(
  table: Table,
  twin: Twin,
  { superseded, ...scope }: MergeScope & { readonly superseded: readonly StagedPlace[] },
  databases: Databases = DATABASES,
): string {
  const columns = columnsIn(table, twin);
  const numbers = [...new Set(superseded.map(({ seq }) => seq))];
  const rowsOf = (number: number | bigint) => superseded.filter(({ seq }) => seq === number).map(({ row }) => row);
  return [
    `INSERT INTO ${quoteName(databases[twin])}.${quoteName(table.name)}`,
    `  (${columns.map(({ name }) => quoteName(name)).join(', ')})`,
    `SELECT ${columns.map((column) => stagedValue(column, twin)).join(', ')}`,
    `FROM ${quoteName(databases.staging)}.${quoteName(table.name)} x`,
    ...scopeConditions(table, scope, 'x'),
    `  AND x."_op" = 'upsert' AND x."_part_on" ${partRange(scope)}`,
    ...numbers.map((seq) => `  AND NOT (x."_seq" = ${seq} AND x."_row" IN (${rowsOf(seq).join(', ')}))`),
  ].join('\n');
}
