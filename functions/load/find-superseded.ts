import { type StagedPlace, supersededText } from '../../schemas/derive/insert-new.ts';
import type { StagedScope } from '../../schemas/derive/staged-sql.ts';
import type { Table } from '../../schemas/table.ts';
import type { StagedFile } from '../ports.ts';
import { monthsOf } from './months.ts';
import type { LoadTarget } from './target.ts';

/** Staged rows to merge. */
export interface RowsToMerge extends StagedScope {
  readonly files: readonly StagedFile[];
  /** True if some of the rows mark a row as deleted. */
  readonly removals: boolean;
}

/** More places than these make the text of a statement long; then the rows are merged. */
const MOST = 1000;

/**
 * Finds out if the rows can be inserted instead of merged, as those of a first load can: the table holds none of their keys, and nothing is
 * to be marked as deleted. It leaves the files staged.
 * @returns the rows that are not the latest of their key; undefined if the rows must be merged
 */
export async function findSuperseded(
  table: Table,
  { files, ...scope }: RowsToMerge,
  { engine, databases }: LoadTarget,
): Promise<readonly StagedPlace[] | undefined> {
  // Athena takes longer for a query than it would save, and bills it.
  if (engine.dialect !== 'duckdb' || scope.removals || files.length === 0) return undefined;
  await engine.stage(table, files);
  const days = monthsOf(files);
  const range = { partFrom: days[0]?.partFrom ?? '', partTo: days.at(-1)?.partTo ?? '' };
  const { rows } = await engine.query(supersededText(table, { ...scope, ...range }, MOST, databases));
  const isOther = rows.length >= MOST || rows.some(([seq]) => seq === null);
  return isOther ? undefined : rows.map(([seq, row]) => ({ seq: BigInt(String(seq)), row: BigInt(String(row)) }));
}
