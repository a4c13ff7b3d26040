import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { splitKey } from '../../lake/row-key.ts';
import type { FlatRow } from '../rows/flatten.ts';
import type { DeletedChild } from './child-rows-diff.ts';
import { type CompleteRow, type CompletionOptions, rowCompleter } from './complete-row.ts';
import type { RowOrigin } from './row-origin.ts';

/** Counts of rows since the last commit. */
export interface RowCounts {
  readonly changed: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** What rows of one run are completed with. */
export interface CountedRowsOptions extends CompletionOptions {
  /** What a deletion stages: its mark, or its mark and the order to blank the sensitive columns. */
  readonly removal: 'delete' | 'blank';
}

/** Completes rows and counts them. */
export interface CountedRows {
  upsert(row: FlatRow, origin: RowOrigin): CompleteRow;
  markDeleted(gone: DeletedChild): CompleteRow;
  noteUnchanged(): void;
  /** Counts since the last call. */
  takeCounts(): RowCounts;
}

/** Rows of one run of one stream. */
export function countedRows(options: CountedRowsOptions): CountedRows {
  const complete = rowCompleter(options);
  let counts = { changed: 0, unchanged: 0, deleted: 0 };
  return {
    upsert(row, origin) {
      counts.changed += 1;
      return complete(row.table, row.values, origin, 'upsert');
    },
    markDeleted({ table, key, origin }) {
      counts.deleted += 1;
      return complete(table, keyOnly(table, key), origin, options.removal);
    },
    noteUnchanged() {
      counts.unchanged += 1;
    },
    takeCounts() {
      const taken = counts;
      counts = { changed: 0, unchanged: 0, deleted: 0 };
      return taken;
    },
  };
}

/** A row that has no values but its key's. */
function keyOnly(table: Table, key: string): Value[] {
  const values = new Array<Value>(layoutOf(table).length).fill(null);
  const index = columnIndex(table);
  for (const [n, value] of splitKey(table, key).entries()) values[index(table.key[n] ?? '')] = value;
  return values;
}
