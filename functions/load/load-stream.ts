import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { InterruptedError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import { hasCommitAfter } from '../lake/commit-log.ts';
import { type LoadProgress, NO_PROGRESS, readProgress, writeProgress } from '../lake/load-progress.ts';
import type { StreamId } from '../lake/objects.ts';
import { readState } from '../lake/stream-state.ts';
import { batchCommits } from './batch.ts';
import { checkStaged } from './check-staged.ts';
import { type Changed, mergeBatch } from './merge-batch.ts';
import { pendingCommits } from './pending.ts';
import type { LoadPorts, StreamToLoad } from './plan.ts';

/** The warehouse to load into. */
export interface Warehouse {
  /** Identity under which the loader's progress is kept. */
  readonly id: string;
  readonly databases: Databases;
}

/**
 * Loads those commits of one stream of one account that the warehouse does not have, in order and in batches. Progress is saved
 * after each batch. A loader that was killed before, or two loaders at the same time, replay commits, which changes nothing.
 * @returns after each batch, the number of its commits and of the rows changed
 * @throws InterruptedError if the signal is aborted between two batches
 * @throws StateError, StorageError if a commit or a staged file cannot be read
 */
export async function* loadStream(
  stream: StreamToLoad,
  account: string,
  warehouse: Warehouse,
  ports: LoadPorts,
): AsyncGenerator<{ readonly commits: number; readonly changed: Changed }> {
  const { store, engine, log, now, signal } = ports;
  const id: StreamId = { source: stream.source, account, stream: stream.stream };
  const progress = await findProgress(id, warehouse, ports);
  const target = { engine, warehouse: warehouse.id, databases: warehouse.databases };
  for await (const batch of batchCommits(pendingCommits(store, id, stream, progress.n))) {
    if (signal?.aborted)
      throw new InterruptedError('interrupted before all commits were loaded; the next load continues', id);
    const startedAt = now();
    const present = await checkStaged(batch, id, warehouse.databases, ports);
    const changed = await mergeBatch(present, stream.tables, target);
    // Before progress is saved, so that a loader that is killed in between does it again.
    if (batch.some(optsOutLater)) await engine.eraseFreedBlocks?.();
    const last = batch.at(-1);
    if (last) await writeProgress(store, warehouse.id, id, { version: 1, n: last.n, loadId: last.loadId });
    const rows = Object.values(changed).reduce((total, count) => total + count, 0);
    log('info', 'loaded', { ...id, commits: batch.length, rows, ms: Math.round(now() - startedAt) });
    yield { commits: batch.length, changed };
  }
}

/** True if the commit blanks rows that were loaded before their records opted out. */
function optsOutLater(commit: Commit): boolean {
  return readState(commit, commit).redact.length > 0;
}

/**
 * The saved progress. If there are commits to load, and the warehouse does not have the last loaded one (it is an older copy),
 * none.
 */
async function findProgress(
  id: StreamId,
  { id: warehouseId, databases }: Warehouse,
  ports: LoadPorts,
): Promise<LoadProgress> {
  const { store, engine, log } = ports;
  const progress = await readProgress(store, warehouseId, id, log);
  if (progress.loadId === undefined || !(await hasCommitAfter(store, id, progress.n))) return progress;
  const condition = `load_id = ${quoteText(progress.loadId)}`;
  const { rows } = await engine.query(`SELECT load_id FROM ${quoteName(databases.safe)}."loads" WHERE ${condition}`);
  if (rows.length > 0) return progress;
  log('warn', 'the warehouse is older than its saved progress; loading the stream from its first commit', { ...id });
  return NO_PROGRESS;
}
