import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Value } from '../../../schemas/value.ts';
import { StateError } from '../../errors.ts';
import { joinKey } from '../../lake/digest.ts';
import type { StreamSession } from '../session/session.ts';

/** Rewrites one staged file without the sensitive values of these rows. A file that has none of them, or is gone, stays so. */
export async function redactStaged(
  session: StreamSession,
  key: string,
  keys: Pick<ReadonlySet<string>, 'has'>,
): Promise<void> {
  const { store, parquet } = session.ports;
  const table = session.stream.tables[0];
  const body = await store.get(key);
  if (!body) return;
  const keyColumns = await readColumns(session, key, body, table.key);
  const found: number[] = [];
  for (let row = 0; row < (keyColumns[0]?.length ?? 0); row += 1)
    if (keys.has(joinKey(keyColumns.map((values) => values[row])))) found.push(row);
  if (found.length === 0) return;
  const names = layoutOf(table).map(({ name }) => name);
  const columns = await readColumns(session, key, body, names);
  const index = columnIndex(table);
  for (const name of [...(table.optOut?.redactedColumns ?? []), '_extra']) {
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
