import { hashColumns } from '../../schemas/derive/rehash.ts';
import { namedColumns } from '../../schemas/derive/rename-keys.ts';
import { columnIndex, layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { StateError } from '../errors.ts';
import { hashAdder } from '../extract/changes/complete-row.ts';
import type { Ports } from '../ports.ts';
import type { RenamedKeys } from './renamed-keys.ts';

/** What staged files are written again with. */
export interface NewHashes {
  readonly hashKey: string;
  readonly renamed: RenamedKeys;
}

/** Columns of a staged file; undefined if it is gone. @throws StateError if it is damaged */
export async function readStaged(
  key: string,
  names: readonly string[],
  { store, readParquet }: Pick<Ports, 'store' | 'readParquet'>,
): Promise<Value[][] | undefined> {
  const body = await store.get(key);
  if (!body) return undefined;
  return readParquet(body, names).catch(() => {
    throw new StateError(`${key} in ${store.name} is damaged; restore it or remove it, then run this again`);
  });
}

/**
 * Writes a staged file again with the hashes of another key, made from the sensitive columns that it also holds, and with the new names
 * of keys that do not show their text. A file that is gone, or whose hashes are right, stays as it is.
 * @returns true if the file was written
 * @throws StateError if the file is damaged
 */
export async function rehashStaged(
  key: string,
  table: Table,
  { hashKey, renamed }: NewHashes,
  { store, parquet, readParquet }: Pick<Ports, 'store' | 'parquet' | 'readParquet'>,
): Promise<boolean> {
  const names = layoutOf(table).map(({ name }) => name);
  const columns = await readStaged(key, names, { store, readParquet });
  if (!columns) return false;
  const isRenamed = renameKeys(table, columns, renamed);
  if (!fillHashes(table, columns, hashKey) && !isRenamed) return false;
  return store.put(key, await parquet.write(table, columns), { replace: true });
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
