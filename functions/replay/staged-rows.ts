import type { Emptying } from '../../schemas/derive/emptied.ts';
import { columnIndex, stagedColumns } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { AlreadyRunningError } from '../errors.ts';
import { readOptOut } from '../extract/rows/coerce.ts';
import { joinKey } from '../lake/digest.ts';
import { columnsOfRows, decodeStaged } from '../lake/staged-files.ts';
import type { Ports, StagedFile } from '../ports.ts';

/** Rows of one staged file, in the order of `layoutOf(table)`. */
export interface StagedRows {
  readonly table: Table;
  readonly key: string;
  readonly rows: Value[][];
  /** The file's bytes as they were read or written last; undefined if it is gone. */
  readonly body: Uint8Array | undefined;
}

/** Reads a staged file; undefined if it is gone. @throws StateError if it is damaged */
export async function readStagedRows(
  { key }: StagedFile,
  table: Table,
  ports: Pick<Ports, 'store' | 'readParquet'>,
): Promise<StagedRows | undefined> {
  const body = await ports.store.get(key);
  if (!body) return undefined;
  const columns = await decodeStaged({ key, body }, stagedColumns(table), ports);
  const count = columns[0]?.length ?? 0;
  const rows = Array.from({ length: count }, (_, row) => columns.map((column) => column[row] ?? null));
  return { table, key, rows, body };
}

/** Writes a staged file again. @throws AlreadyRunningError if another process has changed it since it was read */
export async function writeStagedRows(
  { table, key, rows, body: before }: StagedRows,
  { store, parquet }: Pick<Ports, 'store' | 'parquet'>,
): Promise<StagedRows> {
  const body = await parquet.write(table, columnsOfRows(rows, table));
  if (!(await store.put(key, body, { replace: before ?? false })))
    throw new AlreadyRunningError('another run changes the same staged files');
  return { table, key, rows, body };
}

/** Key of a staged row, as the digest has it. */
export function keyOfRow(table: Table, row: readonly Value[]): string {
  return joinKey(table.key.map((name) => valueIn(table, row, name)));
}

/** Reads a staged row's column. */
export function valueIn(table: Table, row: readonly Value[], name: string): Value {
  return row[columnIndex(table)(name)] ?? null;
}

/** True if the row writes values; other rows only mark. */
export function isUpsert(table: Table, row: readonly Value[]): boolean {
  return valueIn(table, row, '_op') === 'upsert';
}

/** How a row that only marks empties the table's row; undefined if it empties nothing. */
export function emptyingOf(table: Table, row: readonly Value[]): Emptying | undefined {
  const operation = valueIn(table, row, '_op');
  return operation === 'redact' || operation === 'blank' ? operation : undefined;
}

/** True if the flag of a staged record says that its caller opted out. @param optOutWhenAbsent what a missing flag means @default true */
export function isOptedOutRow(
  table: Table,
  row: readonly Value[],
  { optOutWhenAbsent = true }: { readonly optOutWhenAbsent?: boolean | undefined },
): boolean {
  if (!table.optOut) return false;
  const flag = valueIn(table, row, table.optOut.flagColumn);
  // The word of a call that opted out may not be shown, and was not staged then.
  if (flag === null) return typeof table.optOut.keepIf === 'string' || optOutWhenAbsent;
  return readOptOut(table, flag, () => {}) ?? optOutWhenAbsent;
}
