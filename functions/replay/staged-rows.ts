import { columnIndex, stagedColumns } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { readOptOut } from '../extract/rows/coerce.ts';
import { joinKey } from '../lake/digest.ts';
import { columnsOfRows, readStaged, replaceStaged } from '../lake/staged-files.ts';
import type { Ports, StagedFile } from '../ports.ts';

/** Rows of one staged file, in the order of `layoutOf(table)`. */
export interface StagedRows {
  readonly table: Table;
  readonly key: string;
  readonly rows: Value[][];
}

/** Reads a staged file; undefined if it is gone. @throws StateError if it is damaged */
export async function readRows(
  { key }: StagedFile,
  table: Table,
  ports: Pick<Ports, 'store' | 'readParquet'>,
): Promise<StagedRows | undefined> {
  const columns = await readStaged(key, stagedColumns(table), ports);
  if (!columns) return undefined;
  const count = columns[0]?.length ?? 0;
  const rows = Array.from({ length: count }, (_, row) => columns.map((column) => column[row] ?? null));
  return { table, key, rows };
}

/** Writes a staged file again. */
export function writeRows({ table, key, rows }: StagedRows, ports: Pick<Ports, 'store' | 'parquet'>): Promise<void> {
  return replaceStaged(key, table, columnsOfRows(rows, table), ports);
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
