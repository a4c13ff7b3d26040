import { layoutOf } from '../../schemas/layout.ts';
import type { Value } from '../../schemas/value.ts';
import { StateError } from '../errors.ts';
import { KEY_SEPARATOR } from './flatten.ts';
import type { Run } from './run.ts';

/** Rewrites one staged file without what is not kept of these rows; one that holds none of them, or is expired, stays as it is. */
export async function purgeStaged(run: Run, key: string, keys: ReadonlySet<string>): Promise<void> {
  const { store, parquet } = run.ports;
  const table = run.stream.tables[0];
  const body = await store.get(key);
  if (!body) return;
  const layout = layoutOf(table);
  const found: number[] = [];
  const named = await readColumns(run, key, body, table.key);
  for (let row = 0; row < (named[0]?.length ?? 0); row += 1)
    if (keys.has(named.map((values) => String(values[row])).join(KEY_SEPARATOR))) found.push(row);
  if (found.length === 0) return;
  const columns = await readColumns(
    run,
    key,
    body,
    layout.map(({ name }) => name),
  );
  for (const name of [...(table.optOut?.columns ?? []), '_extra']) {
    const values = columns[layout.findIndex((column) => column.name === name)] ?? [];
    for (const row of found) values[row] = null;
  }
  await store.put(key, await parquet.write(table, columns), { replace: true });
}

async function readColumns(
  { id, ports }: Run,
  key: string,
  body: Uint8Array,
  names: readonly string[],
): Promise<Value[][]> {
  return ports.readParquet(body, names).catch(() => {
    throw new StateError(`${key} in ${ports.store.name} is damaged; restore or remove it`, id);
  });
}
