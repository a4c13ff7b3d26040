import { commitKey, type StreamId, stagedKey } from '../../functions/lake/objects.ts';
import type { Store } from '../../functions/ports.ts';
import { emptyCommit } from './empty-commit.ts';

/**
 * Writes a commit with a staged file, whose content does not matter, for each of the tables.
 * @param tables default: one, which has the names of source and stream
 * @returns the key of the first file
 */
export async function putSmallCommit(
  store: Store,
  id: StreamId,
  n: number,
  at: Date,
  tables: readonly string[] = [`${id.source}_${id.stream}`],
): Promise<string> {
  const day = at.toISOString().slice(0, 10);
  const loadId = `${id.source}-${id.account}-${id.stream}-${n}`;
  const staged = tables.map((table) => {
    const key = stagedKey(table, id.account, { day, name: loadId, part: 1 });
    return { table, key, rows: 1, deletes: 0, partFrom: day, partTo: day };
  });
  const counts = { requests: 0, records: 0, vendorTotal: null, changed: 1, unchanged: 0, deleted: 0, rejected: 0 };
  const commit = emptyCommit(id, n, at, { loadId, staged, counts });
  for (const { key } of staged) await store.put(key, Buffer.from('x'));
  await store.put(commitKey(id, n), Buffer.from(JSON.stringify(commit)));
  return staged[0]?.key ?? '';
}
