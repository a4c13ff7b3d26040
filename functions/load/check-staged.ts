import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteList, quoteName } from '../../schemas/derive/sql-text.ts';
import { StorageError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import type { StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import type { LoadPorts } from './plan.ts';

/**
 * Checks that every staged file that the commits name exists. Without this check, an engine that lists folders would silently skip
 * a missing file.
 * @returns the commits, without missing files that were loaded before: such files have expired since, and a replay does not need them
 * @throws StorageError that names the first missing file whose commit is not in this warehouse's `loads`
 */
export async function checkStaged(
  batch: readonly Commit[],
  id: StreamId,
  databases: Databases,
  { store, engine, log }: LoadPorts,
): Promise<readonly Commit[]> {
  const missing = await findMissing(batch, store);
  if (missing.size === 0) return batch;
  const affected = batch.filter(({ staged }) => staged.some(({ key }) => missing.has(key)));
  const condition = `load_id IN ${quoteList(affected.map(({ loadId }) => loadId))}`;
  const { rows } = await engine.query(`SELECT load_id FROM ${quoteName(databases.safe)}."loads" WHERE ${condition}`);
  const loaded = new Set(rows.map(([loadId]) => loadId));
  const lost = affected.find(({ loadId }) => !loaded.has(loadId));
  if (lost) throw lostFile(lost, missing, store, id);
  log('info', 'skipping staged files that were loaded before and no longer exist', { ...id, files: missing.size });
  return batch.map((commit) => ({ ...commit, staged: commit.staged.filter(({ key }) => !missing.has(key)) }));
}

/**
 * Keys that the commits name and the store does not have. A folder contains one day of one table, so few objects are listed.
 */
async function findMissing(batch: readonly Commit[], store: Store): Promise<ReadonlySet<string>> {
  const missing = new Set(batch.flatMap(({ staged }) => staged.map(({ key }) => key)));
  const folders = new Set([...missing].map((key) => key.slice(0, key.lastIndexOf('/') + 1)));
  for (const folder of folders) {
    for await (const key of store.list(folder)) missing.delete(key);
  }
  return missing;
}

function lostFile({ n, staged }: Commit, missing: ReadonlySet<string>, { name }: Store, id: StreamId): StorageError {
  const key = staged.find((file) => missing.has(file.key))?.key;
  return new StorageError(
    `staged file ${key} is missing in ${name}, and commit ${n}, which names it, was never loaded into this warehouse. Restore the file from a backup or an earlier version of the object, or make it again from the raw copies (callhouse replay); until then no further commit of this stream is loaded (docs/operations.md, "A staged file is gone")`,
    id,
  );
}
