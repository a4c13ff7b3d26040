import type { Databases } from '../../schemas/derive/databases.ts';
import { renameTexts } from '../../schemas/derive/rename-keys.ts';
import { columnIndex, layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { dayText } from '../time.ts';
import type { RenamedKeys } from './renamed-keys.ts';
import { type StagePorts, withStagedRows } from './stage-rows.ts';

/** The rows to rename. */
export interface RenameRequest {
  readonly table: Table;
  readonly account: string;
  /** Columns that hold names of keys. */
  readonly columns: readonly string[];
  readonly databases?: Databases | undefined;
}

/** Renames keys in both halves of a table. The names are in a staged file, so that no statement is longer for many of them. */
export async function renameRows(
  { table, account, columns, databases }: RenameRequest,
  renamed: RenamedKeys,
  ports: StagePorts,
): Promise<void> {
  if (columns.length === 0) return;
  const place = columnIndex(table);
  const rows = [...renamed].map(([earlier, present]) => {
    const row: Value[] = layoutOf(table).map(({ nullable, type }) => (nullable ? null : placeholder(type)));
    row[place('_extra')] = earlier;
    row[place('_hidden')] = present;
    return row;
  });
  const day = dayText(0);
  await withStagedRows(rows, { table, account, partFrom: day, partTo: day }, ports, async (staged) => {
    for (const sql of renameTexts(table, columns, { account, ...staged }, databases)) await ports.engine.execute(sql);
  });
}

/** A value for a column of the file that must have one, and that nothing reads. */
function placeholder(type: string): Value {
  if (type === 'bigint') return 0n;
  if (type === 'boolean') return false;
  return type === 'text' || type === 'json' ? '' : 0;
}
