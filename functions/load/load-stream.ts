import type { Commit } from '../lake/commit.ts';
import { readState } from '../lake/commit-log.ts';
import { batchCommits } from './batch.ts';
import { insertBookkeeping, type Ledger, type MergedBatch, saveProgress } from './bookkeeping.ts';
import { checkStaged } from './check-staged.ts';
import type { LaggingStream } from './find-lagging.ts';
import { type Changed, mergeBatch } from './merge-batch.ts';
import { pendingCommits } from './pending.ts';
import type { LoadPorts } from './plan.ts';
import type { LoadTarget } from './target.ts';

/**
 * Loads those commits of one stream of one account that the warehouse does not have, in order and in batches. A loader that was
 * killed before its progress was saved, or two loaders at the same time, replay commits, which changes nothing.
 * @param ledger collects the bookkeeping of the batches. Without it, each batch is merged in one transaction with its own
 * @returns after each batch, its commits and the number of rows changed
 * @throws StateError, StorageError if a commit or a staged file cannot be read
 */
export async function* loadStream(
  { id, stream, loadedTo, fault }: LaggingStream,
  target: LoadTarget,
  ports: LoadPorts,
  ledger?: Ledger,
): AsyncGenerator<MergedBatch & { readonly changed: Changed }> {
  if (fault) throw fault;
  const { store, engine, log, now } = ports;
  for await (const commits of batchCommits(pendingCommits(store, id, stream, loadedTo))) {
    const startedAt = now();
    const present = await checkStaged(commits, id, target.databases, ports);
    const batch = await engine.atomically(async () => {
      const merged = { id, commits, tables: stream.tables, ...(await mergeBatch(present, stream.tables, target)) };
      if (!ledger) await insertBookkeeping([merged], target);
      return merged;
    });
    // Before progress is saved, so that a loader that is killed in between does it again.
    if (commits.some(emptiesRows)) await engine.eraseFreedBlocks?.();
    await (ledger?.add(batch) ?? saveProgress([batch], target, store));
    const rows = Object.values(batch.changed).reduce((total, count) => total + count, 0);
    log('info', 'loaded', { ...id, commits: commits.length, rows, ms: Math.round(now() - startedAt) });
    yield batch;
  }
}

/** True if the commit empties rows that were loaded before their records opted out, or were removed. */
function emptiesRows(commit: Commit): boolean {
  return readState(commit, commit).redact.length > 0;
}
