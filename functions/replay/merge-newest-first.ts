import { DATABASES } from '../../schemas/derive/databases.ts';
import type { Commit } from '../lake/commit.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { batchCommits } from '../load/batch.ts';
import { checkStaged } from '../load/check-staged.ts';
import { mergeBatch } from '../load/merge-batch.ts';
import type { LoadPlan, LoadPorts } from '../load/plan.ts';
import type { StreamToReload } from './reload.ts';

/**
 * Merges every commit again into rows that were set aside, the newest first: so each row that readers see goes from the version that it
 * has to the same version with other values, and never back to an earlier one. A row that is marked deleted keeps its values.
 */
export async function mergeNewestFirst(
  { databases = DATABASES }: LoadPlan,
  streams: readonly StreamToReload[],
  ports: LoadPorts,
): Promise<void> {
  const { store, engine, log } = ports;
  // The load that follows writes versions of calls again.
  const target = { id: await engine.identity(), databases, engine, isRewritten: () => false };
  for (const { id, tables } of streams) {
    const batches: (readonly Commit[])[] = [];
    for await (const batch of batchCommits(readCommitsAfter(store, id, 0))) batches.push(batch);
    for (const batch of batches.reverse())
      await mergeBatch(await checkStaged(batch, id, databases, ports), tables, target);
    log('info', 'merged all commits again', { ...id, commits: batches.flat().length });
  }
}
