import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { StateError } from '../../errors.ts';
import { joinKey } from '../../lake/digest.ts';
import { recordColumns } from '../../source/details.ts';
import type { Stream } from '../../source/source.ts';
import { sensitiveColumns } from '../rows/flatten.ts';
import type { StreamSession } from '../session/session.ts';

/** What is redacted in the staged files of a table. */
interface Redaction {
  /** Columns by which rows are found. */
  readonly keyColumns: readonly string[];
  /** Columns that lose their value, besides `_extra`. */
  readonly columns: readonly string[];
}

/** What an opt-out redacts in a table of the stream: its rows, or those of the record that they are details of; undefined if nothing. */
export function redactionOf(stream: Stream, table: Table): Redaction | undefined {
  if (stream.kind === 'details') {
    const keyColumns = recordColumns(table, stream.parentTable).map((name) => name ?? '');
    return { keyColumns, columns: sensitiveColumns(table) };
  }
  const { key, optOut } = table;
  return table === stream.tables[0] ? { keyColumns: key, columns: optOut?.redactedColumns ?? [] } : undefined;
}

/**
 * Rewrites one staged file without the sensitive values of these rows. A file that has none of them, or is gone, stays so.
 * @param key of the file in the store
 * @param keys of the rows, by the redaction's key columns
 */
export async function redactStaged(
  session: StreamSession,
  { table, ...redaction }: Redaction & { readonly table: Table },
  key: string,
  keys: Pick<ReadonlySet<string>, 'has'>,
): Promise<void> {
  const { store, parquet } = session.ports;
  const body = await store.get(key);
  if (!body) return;
  const keyColumns = await readColumns(session, key, body, redaction.keyColumns);
  const found: number[] = [];
  for (let row = 0; row < (keyColumns[0]?.length ?? 0); row += 1)
    if (keys.has(joinKey(keyColumns.map((values) => values[row])))) found.push(row);
  if (found.length === 0) return;
  const names = layoutOf(table).map(({ name }) => name);
  const columns = await readColumns(session, key, body, names);
  const index = columnIndex(table);
  for (const name of [...redaction.columns, '_extra']) {
    const values = columns[index(name)] ?? [];
    for (const row of found) values[row] = null;
  }
  await store.put(key, await parquet.write(table, columns), { replace: true });
}

function readColumns(
  { id, ports }: StreamSession,
  key: string,
  body: Uint8Array,
  names: readonly string[],
): Promise<Value[][]> {
  return ports.readParquet(body, names).catch(() => {
    throw new StateError(`${key} in ${ports.store.name} is damaged; restore it or remove it`, id);
  });
}
