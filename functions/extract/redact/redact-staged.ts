import { columnIndex, layoutOf, stagedColumns } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { joinKey } from '../../lake/digest.ts';
import { readStaged, replaceStaged } from '../../lake/staged-files.ts';
import { recordColumns } from '../../source/details.ts';
import type { Stream } from '../../source/source.ts';
import { heldKeyOf } from '../rows/shown-texts.ts';
import type { StreamSession } from '../session/session.ts';
import { namesToDrop } from './drop-sensitive.ts';

/** What an opt-out redacts in a table: its rows by their key, or the rows that are details of a record by its key; undefined if nothing. */
export function redactionOf(stream: Stream, table: Table): readonly string[] | undefined {
  if (stream.kind === 'details') return recordColumns(table, stream.parentTable).map((name) => name ?? '');
  return table === stream.tables[0] && table.optOut ? table.key : undefined;
}

/**
 * Rewrites one staged file without the sensitive values of these rows. A file that has none of them, or is gone, stays so.
 * @param redaction the table, and its columns by which rows are found
 * @param key of the file in the store
 * @param keys of the rows, by the redaction's key columns
 */
export async function redactStaged(
  session: StreamSession,
  { table, keyColumns }: { readonly table: Table; readonly keyColumns: readonly string[] },
  key: string,
  keys: Pick<ReadonlySet<string>, 'has'>,
): Promise<void> {
  const { id, ports } = session;
  const parts = await readStaged(key, keyColumns, ports, id);
  if (!parts) return;
  const heldKey = heldKeyOf({ ...table, key: keyColumns }, session.texts);
  const keyOfRow = (row: number) => heldKey(parts.map((values) => values[row] ?? null));
  const found: number[] = [];
  for (let row = 0; row < (parts[0]?.length ?? 0); row += 1) if (keys.has(joinKey(keyOfRow(row)))) found.push(row);
  if (found.length === 0) return;
  const columns = (await readStaged(key, stagedColumns(table), ports, id)) ?? [];
  const index = columnIndex(table);
  for (const row of found) {
    const held = keyOfRow(row);
    for (const [n, name] of keyColumns.entries()) put(columns[index(name)], row, held[n] ?? null);
  }
  const hidden = columns[index('_hidden')] ?? [];
  for (const name of namesToDrop(table)) for (const row of found) put(columns[index(name)], row, null);
  for (const { name, placement } of layoutOf(table)) {
    if (placement !== 'shown') continue;
    for (const row of found) if (isHidden(hidden[row], name)) put(columns[index(name)], row, null);
  }
  await replaceStaged(key, table, columns, ports);
}

function put(values: Value[] | undefined, row: number, value: Value): void {
  if (values) values[row] = value;
}

/** True if `callhouse` does not show the column in a row. Files of earlier versions do not say so. */
function isHidden(hidden: Value | undefined, name: string): boolean {
  return typeof hidden !== 'string' || hidden.includes(`,${name},`);
}
