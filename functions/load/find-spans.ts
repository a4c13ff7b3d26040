import { stagedMonthsText } from '../../schemas/derive/staged-sql.ts';
import type { Table } from '../../schemas/table.ts';
import { partSpans } from './batch.ts';
import type { RowsToMerge } from './find-superseded.ts';
import { monthOf, type PartSpan } from './months.ts';
import type { LoadTarget } from './target.ts';

/** Rows of more than 20 years: one of them probably has a placeholder for its day, such as 9999-12-31. */
const MOST_SPANS = 10;

/**
 * Ranges of `_part_on` that together cover the rows, each of which is merged by statements of its own. Between rows of 2026 and one of 9999
 * there would be 4,000; then the engine is asked which months have rows. On DuckDB the rows must be staged.
 */
export async function findSpans(
  table: Table,
  { files, ...scope }: RowsToMerge,
  { engine, databases }: LoadTarget,
): Promise<readonly PartSpan[]> {
  const spans = partSpans(files);
  if (spans.length <= MOST_SPANS) return spans;
  const { rows } = await engine.query(stagedMonthsText(table, scope, databases));
  const months = rows.map(([month]) => monthOf(String(month)));
  return spans.filter(({ partFrom, partTo }) =>
    months.some((month) => month >= monthOf(partFrom) && month <= monthOf(partTo)),
  );
}
