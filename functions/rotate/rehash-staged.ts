import { hashColumns } from '../../schemas/derive/rehash.ts';
import { namedColumns } from '../../schemas/derive/rename-keys.ts';
import { columnIndex, stagedColumns } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { hashAdder } from '../extract/changes/complete-row.ts';
import { changeObject } from '../lake/change-object.ts';
import { decodeStaged } from '../lake/staged-files.ts';
import type { Ports } from '../ports.ts';
import type { RenamedKeys } from './renamed-keys.ts';

/** What staged files are written again with. */
export interface NewHashes {
  readonly hashKey: string;
  readonly renamed: RenamedKeys;
}

/**
 * Writes a staged file again with the hashes of another key, made from the sensitive columns that it also holds, and with the new names
 * of keys that do not show their text. A file that is gone, or whose hashes are right, stays as it is.
 * @returns true if the file was written
 * @throws StateError if the file is damaged
 */
export function rehashStaged(
  key: string,
  table: Table,
  { hashKey, renamed }: NewHashes,
  ports: Pick<Ports, 'store' | 'parquet' | 'readParquet'>,
): Promise<boolean> {
  return changeObject(ports.store, key, async (body) => {
    const columns = await decodeStaged({ key, body }, stagedColumns(table), ports);
    const isRenamed = renameKeys(table, columns, renamed);
    return fillHashes(table, columns, hashKey) || isRenamed ? ports.parquet.write(table, columns) : undefined;
  });
}

/** @returns true if a key changed */
function renameKeys(table: Table, columns: readonly Value[][], renamed: RenamedKeys): boolean {
  let isChanged = false;
  for (const at of namedColumns(table).map(columnIndex(table))) {
    for (const [row, value] of columns[at]?.entries() ?? []) {
      const present = typeof value === 'string' ? renamed.get(value) : undefined;
      if (present === undefined || present === value) continue;
      columns[at]?.splice(row, 1, present);
      isChanged = true;
    }
  }
  return isChanged;
}

/** @returns true if a hash changed */
function fillHashes(table: Table, columns: readonly Value[][], hashKey: string): boolean {
  const addHashes = hashAdder(table, hashKey);
  const hashes = hashColumns(table).map(columnIndex(table));
  let isChanged = false;
  for (let row = 0; row < (columns[0]?.length ?? 0); row += 1) {
    const values = columns.map((column) => column[row] ?? null);
    addHashes(values);
    for (const at of hashes) {
      const hash = values[at] ?? null;
      const column = columns[at];
      if (!column || column[row] === hash) continue;
      column[row] = hash;
      isChanged = true;
    }
  }
  return isChanged;
}
