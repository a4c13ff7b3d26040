import { columnsIn, type PlacedColumn, type Twin } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { type Emptying, emptiedColumns } from './emptied.ts';
import { shownValue } from './shown-sql.ts';
import { partRange, quoteName, quoteText } from './sql-text.ts';
import { numberedRows, type StagedScope } from './staged-sql.ts';

/** Which staged rows a statement merges. */
export interface MergeScope extends StagedScope {
  /** First and last `_part_on` of the rows, `YYYY-MM-DD`, both inclusive. */
  readonly partFrom: string;
  readonly partTo: string;
  /** True if some of the rows mark a row as deleted. */
  readonly removals: boolean;
}

/** Columns that only an insert writes; an update leaves them as they are. */
const INSERT_ONLY = ['account', '_part_on', '_first_seen_at'];
/** Columns that change if a row is marked as deleted. */
const DELETION_MARKS = ['_deleted_at', '_changed_at', '_seq', '_load_id'];
const NEWER = 's."_seq" > t."_seq"';

/**
 * Statement that merges staged rows into one twin of a table. The same text runs on Athena (Iceberg) and DuckDB.
 *
 * Of several staged rows with one key, that with the greatest `_seq` counts. It changes the table's row only if its `_seq` is greater
 * there too, so running the statement again changes nothing. `_op` says what it does: `upsert` writes the row, `delete` marks it as
 * deleted, `redact` and `blank` mark it and set columns to NULL (see `emptied.ts`). A mark keeps the other columns,
 * for whose sake an engine reads all columns of the table: without removals it reads the key, `_seq` and what only an insert writes.
 * The statement removes no row: merging the same files again would insert it again.
 * @throws RangeError if `partFrom` or `partTo` is not `YYYY-MM-DD`
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/merge-into-statement.html}
 */
export function mergeText(table: Table, twin: Twin, scope: MergeScope, databases: Databases = DATABASES): string {
  const columns = columnsIn(table, twin);
  const names = columns.map(({ name }) => name);
  const key = ['account', ...table.key];
  const values = names.filter((name) => !INSERT_ONLY.includes(name) && !table.key.includes(name)).map(assign);
  return [
    `MERGE INTO ${quoteName(databases[twin])}.${quoteName(table.name)} t`,
    `USING (\n${stagedRows(table, twin, scope, databases)}\n) s`,
    `ON t."account" = ${quoteText(scope.account)} AND t."_part_on" ${partRange(scope)}`,
    `  AND ${key.map((name) => `t.${quoteName(name)} = s.${quoteName(name)}`).join(' AND ')}`,
    ...(scope.removals ? removalClauses(table, twin) : []),
    `WHEN MATCHED AND ${NEWER} AND s."_op" = 'upsert' THEN UPDATE SET`,
    `  ${values.join(', ')}`,
    `WHEN NOT MATCHED AND s."_op" = 'upsert' THEN INSERT`,
    `  (${names.map(quoteName).join(', ')})`,
    `  VALUES (${names.map((name) => `s.${quoteName(name)}`).join(', ')})`,
  ].join('\n');
}

/** Clauses that mark rows as deleted, and empty those of which no sensitive value may stay. */
function removalClauses(table: Table, twin: Twin): readonly string[] {
  const marks = DELETION_MARKS.map(assign);
  const clause = (test: string, sets: readonly string[]) => [
    `WHEN MATCHED AND ${NEWER} AND s."_op" ${test} THEN UPDATE SET`,
    `  ${[...sets, ...marks].join(', ')}`,
  ];
  const [blanks, redactions] = [nullsIn(table, twin, 'blank'), nullsIn(table, twin, 'redact')];
  const isAlike = String(blanks) === String(redactions);
  return [
    ...(blanks.length === 0 ? [] : clause(isAlike ? "IN ('blank', 'redact')" : "= 'blank'", blanks)),
    ...(isAlike || redactions.length === 0 ? [] : clause("= 'redact'", redactions)),
    ...clause("<> 'upsert'", []),
  ];
}

function nullsIn(table: Table, twin: Twin, by: Emptying): readonly string[] {
  return emptiedIn(table, twin, by).map((name) => `${quoteName(name)} = NULL`);
}

function emptiedIn(table: Table, twin: Twin, by: Emptying): readonly string[] {
  const emptied = new Set(emptiedColumns(table, by));
  // A mark does not say which texts are shown.
  const isEmptied = ({ name, placement }: PlacedColumn) =>
    emptied.has(name) || (twin === 'phi' && placement === 'shown' && !table.key.includes(name));
  return columnsIn(table, twin)
    .filter(isEmptied)
    .map(({ name }) => name);
}

/** The latest version of each key among the staged rows of the scope. */
function stagedRows(table: Table, twin: Twin, scope: MergeScope, databases: Databases): string {
  return [
    `  SELECT ${[...columnsIn(table, twin).map((column) => stagedValue(column, twin)), 'x."_op"'].join(', ')}`,
    '  FROM (',
    ...numberedRows(table, scope, { by: ['account', ...table.key], newest: ['_seq', '_row'] }, databases),
    '  ) x',
    `  WHERE x.rn = 1 AND x."_part_on" ${partRange(scope)}`,
  ].join('\n');
}

/** A column of a staged row `x` with the type and name that it has in the twin. */
export function stagedValue(placed: PlacedColumn, twin: Twin): string {
  const name = quoteName(placed.name);
  const column = shownValue(placed, twin, 'x');
  if (placed.type === 'timestamp') return `CAST(${column} AS timestamp(6)) AS ${name}`;
  if (placed.type === 'decimal') return `CAST(${column} AS decimal(18,6)) AS ${name}`;
  return column.endsWith(name) ? column : `${column} AS ${name}`;
}

function assign(name: string): string {
  return `${quoteName(name)} = s.${quoteName(name)}`;
}
