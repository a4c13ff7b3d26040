import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { IS_DAMAGED, NEEDS_ZSTD, StateError } from '../errors.ts';
import type { ErrorContext, Ports } from '../ports.ts';

/**
 * Columns of a staged file; undefined if it is gone.
 * @throws StateError if it is damaged, or this Node cannot decompress it
 */
export async function readStaged(
  key: string,
  names: readonly string[],
  { store, readParquet }: Pick<Ports, 'store' | 'readParquet'>,
  context?: ErrorContext,
): Promise<Value[][] | undefined> {
  const body = await store.get(key);
  return body && decodeStaged({ key, body }, names, { store, readParquet }, context);
}

/** The bytes of a staged file, and its key. */
export interface StagedBytes {
  readonly key: string;
  readonly body: Uint8Array;
}

/** Columns of a staged file that was read already. @throws StateError if it is damaged, or this Node cannot decompress it */
export async function decodeStaged(
  { key, body }: StagedBytes,
  names: readonly string[],
  { store, readParquet }: Pick<Ports, 'store' | 'readParquet'>,
  context?: ErrorContext,
): Promise<Value[][]> {
  return readParquet(body, names).catch((error) => {
    throw new StateError(`${key} in ${store.name} ${error instanceof StateError ? NEEDS_ZSTD : IS_DAMAGED}`, context);
  });
}

/** The columns of rows, both in the order of `layoutOf(table)`. */
export function columnsOfRows(rows: readonly (readonly Value[])[], table: Table): Value[][] {
  return layoutOf(table).map((_, at) => rows.map((row) => row[at] ?? null));
}
