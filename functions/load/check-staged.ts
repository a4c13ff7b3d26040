import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteList, quoteName } from '../../schemas/derive/sql-text.ts';
import { StorageError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import type { StreamId } from '../lake/keys.ts';
import type { Store } from '../ports.ts';
import type { LoadPorts } from './plan.ts';

/**
 * Looks for every staged file that the commits name, since an engine that lists folders merges nothing in place of a missing one.
 * @returns the commits without files that are gone and were loaded before: a replay meets those that have expired since
 * @throws StorageError naming the first file that is gone while this warehouse's `loads` does not have its commit
 */
export async function checkStaged(
  batch: readonly Commit[],
  id: StreamId,
  databases: Databases,
  { store, engine, log }: LoadPorts,
): Promise<readonly Commit[]> {
  const gone = await findGone(batch, store);
  if (gone.size === 0) return batch;
  const affected = batch.filter(({ staged }) => staged.some(({ key }) => gone.has(key)));
  const where = `WHERE load_id IN ${quoteList(affected.map(({ loadId }) => loadId))}`;
  const { rows } = await engine.query(`SELECT load_id FROM ${quoteName(databases.safe)}."loads" ${where}`);
  const loaded = new Set(rows.map(([loadId]) => loadId));
  const lost = affected.find(({ loadId }) => !loaded.has(loadId));
  if (lost) throw lostFile(lost, gone, store, id);
  log('info', 'staged files that were loaded before are gone; they are left out', { ...id, files: gone.size });
  return batch.map((commit) => ({ ...commit, staged: commit.staged.filter(({ key }) => !gone.has(key)) }));
}

/** Keys that the commits name and the store does not have. A folder is a table and a day, so few are listed. */
async function findGone(batch: readonly Commit[], store: Store): Promise<ReadonlySet<string>> {
  const gone = new Set(batch.flatMap(({ staged }) => staged.map(({ key }) => key)));
  const folders = new Set([...gone].map((key) => key.slice(0, key.lastIndexOf('/') + 1)));
  for (const folder of folders) {
    for await (const key of store.list(folder)) gone.delete(key);
  }
  return gone;
}

function lostFile({ n, staged }: Commit, gone: ReadonlySet<string>, { name }: Store, id: StreamId): StorageError {
  const key = staged.find((file) => gone.has(file.key))?.key;
  return new StorageError(
    `staged file ${key} is not in ${name}, and commit ${n}, which names it, was never loaded into this warehouse; expected it to be kept until then. Restore it from a backup or an earlier version of the object; until then nothing more of this stream is loaded (docs/operations.md, "A staged file is gone")`,
    id,
  );
}
