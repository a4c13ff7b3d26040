import type { LoadStatus } from '../commit.ts';
import { commitPrefix } from '../commit.ts';
import { readCommit } from './commit-log.ts';
import { commitRun } from './finish.ts';
import { purgeRaw } from './purge-raw.ts';
import { purgeStaged } from './purge-staged.ts';
import type { Run } from './run.ts';

/**
 * Rewrites the earlier raw and staged copies of calls that have opted out since, without what is not kept of them. The keys stand
 * in the stream's state until this is done, so a kill in between is made good by the next run; where time runs out, the next run
 * goes on at the commit it stopped at.
 */
export async function purgeOptedOut(run: Run, status: LoadStatus): Promise<void> {
  const { progress, ports, id, client } = run;
  const keys = new Set(progress.state.purge);
  if (keys.size === 0) return;
  const before = progress.state.purgedTo;
  let done = before;
  for await (const name of ports.store.list(commitPrefix(id), { after: before })) {
    if (!client.hasTime() || !(await purgeCommit(run, name, keys))) {
      if (done !== before) await commitRun(run, status);
      return;
    }
    done = name;
    progress.state = { ...progress.state, purgedTo: name };
  }
  progress.state = { ...progress.state, purge: [], purgedTo: undefined };
  await commitRun(run, status);
}

/** @returns false where time ran out before all of its copies were looked at */
async function purgeCommit(run: Run, name: string, keys: ReadonlySet<string>): Promise<boolean> {
  const { raw, staged } = await readCommit(run.ports.store, name, run.id);
  for (const key of raw) {
    if (!run.client.hasTime()) return false;
    await purgeRaw(run, key, keys);
  }
  for (const file of staged) {
    if (!run.client.hasTime()) return false;
    if (file.table === run.stream.tables[0].name) await purgeStaged(run, file.key, keys);
  }
  return true;
}
