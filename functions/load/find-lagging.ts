import { tablesWithHistory } from '../../schemas/derive/versions.ts';
import { StateError } from '../errors.ts';
import { hasCommitAfter, isLogWithout, readCommitsAfter } from '../lake/commit-log.ts';
import { type LoadProgress, loadedTo, NO_PROGRESS, readProgress } from '../lake/load-progress.ts';
import { progressKey, type StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import { readHeldRows } from './foreign-rows.ts';
import type { LoadPlan, LoadPorts, StreamToLoad } from './plan.ts';
import type { Warehouse } from './target.ts';

/** A stream of one account that has commits which the warehouse does not hold. */
export interface LaggingStream {
  readonly id: StreamId;
  readonly stream: StreamToLoad;
  /** Number of the last commit that the warehouse holds. */
  readonly loadedTo: number;
  /** When the first of the other commits was made, ms; undefined if that commit cannot be read. */
  readonly since: number | undefined;
  /** Why it cannot be loaded. */
  readonly fault: StateError | undefined;
}

/**
 * Finds the streams of the plan that are behind. One statement asks the warehouse whether it holds what the saved progress says: a
 * warehouse that is an older copy does not, and is loaded from the first commit. A warehouse that is newer than the lake is not loaded.
 */
export async function findLagging(
  plan: LoadPlan,
  warehouse: Warehouse,
  { store, engine, log }: LoadPorts,
): Promise<readonly LaggingStream[]> {
  const found = (await Promise.all(streamsIn(plan).map((one) => progressOf(one, warehouse, store, log)))).flat();
  const { hasProgress, faultOf } = await readHeldRows(found, warehouse, { store, engine });
  const lagging = found.map(async (one): Promise<LaggingStream> => {
    const { id, stream, progress, from } = one;
    const fault = await faultOf(one);
    if (hasProgress(one)) {
      if (from < progress.n) log('info', 'loading commits again whose versions call_versions lacks', { ...id });
      return { id, stream, loadedTo: from, since: await sinceOf(store, id, from), fault };
    }
    log('warn', 'the warehouse is older than its saved progress; loading the stream from its first commit', { ...id });
    return { id, stream, loadedTo: NO_PROGRESS.n, since: await sinceOf(store, id, NO_PROGRESS.n), fault };
  });
  return Promise.all(lagging);
}

function streamsIn({ streams, accounts }: LoadPlan) {
  return streams.flatMap((stream) =>
    (accounts[stream.source] ?? []).map((account) => {
      const id: StreamId = { source: stream.source, account, stream: stream.stream };
      return { id, stream };
    }),
  );
}

/**
 * The stream with its saved progress, and the number after which its commits are to be loaded; nothing if it has no later commit. If the
 * warehouse was made before `call_versions`, all that is staged is loaded again.
 */
async function progressOf<T extends { readonly id: StreamId; readonly stream: StreamToLoad }>(
  one: T,
  { id: warehouse }: Warehouse,
  store: Store,
  log: LoadPorts['log'],
) {
  const progress = await progressInLog(store, warehouse, one.id, log);
  const from = loadedTo(progress, tablesWithHistory(one.stream.tables));
  return (await hasCommitAfter(store, one.id, from)) ? [{ ...one, progress, from }] : [];
}

/** The saved progress; none if it names a commit that the log does not have, because the log was begun again. */
async function progressInLog(
  store: Store,
  warehouse: string,
  id: StreamId,
  log: LoadPorts['log'],
): Promise<LoadProgress> {
  const progress = await readProgress(store, warehouse, id, log);
  if (!(await isLogWithout(store, id, progress))) return progress;
  log('warn', 'the commit log was begun again since the last load; loading the stream from its first commit', {
    ...id,
  });
  await store.delete(progressKey(warehouse, id));
  return NO_PROGRESS;
}

/** When the first commit after number `n` was made, ms; undefined if it cannot be read, which loading the stream then reports. */
async function sinceOf(store: Store, id: StreamId, n: number): Promise<number | undefined> {
  try {
    for await (const { endedAt } of readCommitsAfter(store, id, n)) return Date.parse(endedAt);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
  }
  return undefined;
}
