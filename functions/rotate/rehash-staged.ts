import { hashColumns } from '../../schemas/derive/rehash.ts';
import { columnIndex, layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { StateError } from '../errors.ts';
import { hashAdder } from '../extract/changes/complete-row.ts';
import type { Ports } from '../ports.ts';

/**
 * Writes a staged file again with the hashes of another key, made from the sensitive columns that it also holds. A file that is gone,
 * or whose hashes are right, stays as it is.
 * @returns true if the file was written
 * @throws StateError if the file is damaged
 */
export async function rehashStaged(
  key: string,
  table: Table,
  hashKey: string,
  { store, parquet, readParquet }: Pick<Ports, 'store' | 'parquet' | 'readParquet'>,
): Promise<boolean> {
  const body = await store.get(key);
  if (!body) return false;
  const names = layoutOf(table).map(({ name }) => name);
  const columns = await readParquet(body, names).catch(() => {
    throw new StateError(`${key} in ${store.name} is damaged; restore it or remove it, then run this again`);
  });
  if (!fillHashes(table, columns, hashKey)) return false;
  return store.put(key, await parquet.write(table, columns), { replace: true });
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
