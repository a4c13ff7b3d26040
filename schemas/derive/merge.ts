import { columnsIn, type PlacedColumn } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteDay, quoteList, quoteName, quoteText } from './sql-text.ts';

/** Which staged rows one statement merges. */
export interface MergeScope {
  readonly account: string;
  readonly loadIds: readonly string[];
  /** Folders of the staged files, `YYYY-MM-DD`. */
  readonly days: readonly string[];
  /** First and last `_part_on`, inclusive. */
  readonly partFrom: string;
  readonly partTo: string;
}

/** Never changed on a row that is there. */
const STICKY = ['account', '_part_on', '_first_seen_at'];
/** What marking a row as removed changes. */
const MARKS = ['_deleted_at', '_changed_at', '_seq', '_load_id'];

/**
 * The one statement that brings staged rows into a table; the same text runs on Athena (Iceberg) and DuckDB. The greatest `_seq`
 * of a key wins, a row never goes back, and a replay changes nothing. `_op` is `upsert`, `delete` (mark as removed) or `blank`
 * (mark, and empty the sensitive columns; the safe twin only marks). Nothing is ever deleted here: a replay would bring it back.
 */
export function mergeText(
  table: Table,
  home: 'phi' | 'safe',
  scope: MergeScope,
  databases: Databases = DATABASES,
): string {
  const columns = columnsIn(table, home);
  const names = columns.map(({ name }) => name);
  const key = ['account', ...table.key];
  const sensitive = columns.filter((column) => column.home === 'phi').map(({ name }) => `${quoteName(name)} = NULL`);
  const values = names.filter((name) => !STICKY.includes(name) && !table.key.includes(name)).map(assign);
  const newer = 's."_seq" > t."_seq"';
  return [
    `MERGE INTO ${quoteName(databases[home])}.${quoteName(table.name)} t`,
    `USING (\n${stagedRows(table, columns, scope, databases)}\n) s`,
    `ON t."account" = ${quoteText(scope.account)} AND t."_part_on" ${partRange(scope)}`,
    `  AND ${key.map((name) => `t.${quoteName(name)} = s.${quoteName(name)}`).join(' AND ')}`,
    ...(home === 'phi'
      ? [
          `WHEN MATCHED AND ${newer} AND s."_op" = 'blank' THEN UPDATE SET`,
          `  ${[...sensitive, ...MARKS.map(assign)].join(', ')}`,
        ]
      : []),
    `WHEN MATCHED AND ${newer} AND s."_op" <> 'upsert' THEN UPDATE SET`,
    `  ${MARKS.map(assign).join(', ')}`,
    `WHEN MATCHED AND ${newer} THEN UPDATE SET`,
    `  ${values.join(', ')}`,
    `WHEN NOT MATCHED AND s."_op" = 'upsert' THEN INSERT`,
    `  (${names.map(quoteName).join(', ')})`,
    `  VALUES (${names.map((name) => `s.${quoteName(name)}`).join(', ')})`,
  ].join('\n');
}

/** The last version of each key among the staged rows of the scope. */
function stagedRows(table: Table, columns: readonly PlacedColumn[], scope: MergeScope, databases: Databases): string {
  const key = ['account', ...table.key].map((name) => `s.${quoteName(name)}`).join(', ');
  // acct and day are the folders: they spare Athena the listing of all others.
  return [
    `  SELECT ${[...columns.map(typed), 'x."_op"'].join(', ')}`,
    '  FROM (',
    `    SELECT s.*, row_number() OVER (PARTITION BY ${key} ORDER BY s."_seq" DESC, s."_row" DESC) AS rn`,
    `    FROM ${quoteName(databases.staging)}.${quoteName(table.name)} s`,
    `    WHERE s."acct" = ${quoteText(scope.account)} AND s."day" IN ${quoteList(scope.days)}`,
    `      AND s."account" = ${quoteText(scope.account)} AND s."_load_id" IN ${quoteList(scope.loadIds)}`,
    '  ) x',
    `  WHERE x.rn = 1 AND x."_part_on" ${partRange(scope)}`,
  ].join('\n');
}

function typed({ name, type }: PlacedColumn): string {
  const column = `x.${quoteName(name)}`;
  if (type === 'timestamp') return `CAST(${column} AS timestamp(6)) AS ${quoteName(name)}`;
  if (type === 'decimal') return `CAST(${column} AS decimal(18,6)) AS ${quoteName(name)}`;
  return column;
}

function assign(name: string): string {
  return `${quoteName(name)} = s.${quoteName(name)}`;
}

function partRange({ partFrom, partTo }: MergeScope): string {
  return `BETWEEN ${quoteDay(partFrom)} AND ${quoteDay(partTo)}`;
}
