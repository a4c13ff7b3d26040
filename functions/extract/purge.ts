import type { LoadStatus } from '../commit.ts';
import { commitPrefix } from '../commit.ts';
import { readCommit } from './commit-log.ts';
import { commitRun } from './finish.ts';
import { purgeRaw } from './purge-raw.ts';
import { purgeStaged } from './purge-staged.ts';
import type { Run } from './run.ts';

/**
 * Rewrites the earlier raw and staged copies of calls that have opted out since, without what is not kept of them. The keys stand
 * in the stream's state until this is done, so a kill in between is made good by the next run.
 */
export async function purgeOptedOut(run: Run, status: LoadStatus): Promise<void> {
  const { progress, ports, id } = run;
  const keys = new Set(progress.state.purge);
  if (keys.size === 0) return;
  for await (const name of ports.store.list(commitPrefix(id))) {
    const { raw, staged } = await readCommit(ports.store, name, id);
    for (const key of raw) await purgeRaw(run, key, keys);
    for (const file of staged) if (file.table === run.stream.tables[0].name) await purgeStaged(run, file.key, keys);
  }
  progress.state = { ...progress.state, purge: [] };
  await commitRun(run, status);
}
