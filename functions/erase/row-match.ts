import { columnIndex, layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { joinKey } from '../lake/digest.ts';

/** Rows of a table, by the values of some of its columns. */
export interface RowMatch {
  readonly table: Table;
  readonly columns: readonly string[];
  /** The columns' values, joined as a key is. */
  readonly values: ReadonlySet<string>;
}

/** Says how a part of a key is held that may not be shown as it was served. */
export type HoldPart = (table: Table, column: string, text: string) => string;

/**
 * The rows of a staged file that match.
 * @param columns the file's, in the order of `layoutOf(table)`
 */
export function matchingRows(
  table: Table,
  columns: readonly (readonly Value[])[],
  matches: readonly RowMatch[],
  hold: HoldPart,
): ReadonlySet<number> {
  const index = columnIndex(table);
  const rows = new Set<number>();
  for (const match of matches) {
    const read = match.columns.map((name) => columns[index(name)] ?? []);
    for (let row = 0; row < (columns[0]?.length ?? 0); row += 1) {
      const parts = read.map((values) => values[row] ?? null);
      // Files of earlier versions hold keys as they were served.
      const held = parts.map((part, n) =>
        typeof part === 'string' ? hold(table, match.columns[n] ?? '', part) : part,
      );
      if (match.values.has(joinKey(parts)) || match.values.has(joinKey(held))) rows.add(row);
    }
  }
  return rows;
}

/** The columns of a staged file without some rows. */
export function withoutRows(columns: readonly (readonly Value[])[], rows: ReadonlySet<number>): Value[][] {
  return columns.map((values) => values.filter((_, row) => !rows.has(row)));
}

/** Names of a staged file's columns. */
export function columnNames(table: Table): readonly string[] {
  return layoutOf(table).map(({ name }) => name);
}
