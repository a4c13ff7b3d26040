import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { heldKeyOf, type ShownTexts } from '../extract/rows/shown-texts.ts';
import { joinKey } from '../lake/digest.ts';

/** Rows of a table, by the values of some of its columns. */
export interface RowMatch {
  readonly table: Table;
  readonly columns: readonly string[];
  /** The columns' values, joined as a key is. */
  readonly values: ReadonlySet<string>;
}

/** Some columns of a staged file. */
export interface NamedColumns {
  readonly names: readonly string[];
  readonly columns: readonly (readonly Value[])[];
}

/** The rows of a staged file that match. Files of earlier versions hold keys as they were served. */
export function matchingRows(
  table: Table,
  { names, columns }: NamedColumns,
  matches: readonly RowMatch[],
  texts: Pick<ShownTexts, 'keyPart'>,
): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const match of matches) {
    const read = match.columns.map((name) => columns[names.indexOf(name)] ?? []);
    const held = heldKeyOf({ ...table, key: match.columns }, texts);
    for (let row = 0; row < (columns[0]?.length ?? 0); row += 1) {
      const parts = read.map((values) => values[row] ?? null);
      if (match.values.has(joinKey(parts)) || match.values.has(joinKey(held(parts)))) rows.add(row);
    }
  }
  return rows;
}
