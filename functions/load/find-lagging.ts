import { quoteList, quoteName } from '../../schemas/derive/sql-text.ts';
import { tablesWithHistory } from '../../schemas/derive/versions.ts';
import { StateError } from '../errors.ts';
import { hasCommitAfter, readCommitsAfter } from '../lake/commit-log.ts';
import { loadedTo, NO_PROGRESS, readProgress } from '../lake/load-progress.ts';
import type { StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
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
}

/**
 * Finds the streams of the plan that are behind. One statement asks the warehouse whether it holds what the saved progress says: a
 * warehouse that is an older copy does not, and is loaded from the first commit.
 */
export async function findLagging(
  plan: LoadPlan,
  warehouse: Warehouse,
  { store, engine, log }: LoadPorts,
): Promise<readonly LaggingStream[]> {
  const found = (await Promise.all(streamsIn(plan).map((one) => progressOf(one, warehouse, store, log)))).flat();
  const loadIds = found.flatMap(({ progress }) => progress.loadId ?? []);
  const condition = `load_id IN ${quoteList(loadIds)}`;
  const text = `SELECT load_id FROM ${quoteName(warehouse.databases.safe)}."loads" WHERE ${condition}`;
  const held = new Set(loadIds.length > 0 ? (await engine.query(text)).rows.map(([loadId]) => loadId) : []);
  const lagging = found.map(async ({ id, stream, progress: { n, loadId }, from }): Promise<LaggingStream> => {
    if (loadId === undefined || held.has(loadId)) {
      if (from < n) log('info', 'loading commits again whose versions call_versions lacks', { ...id });
      return { id, stream, loadedTo: from, since: await sinceOf(store, id, from) };
    }
    log('warn', 'the warehouse is older than its saved progress; loading the stream from its first commit', { ...id });
    return { id, stream, loadedTo: NO_PROGRESS.n, since: await sinceOf(store, id, NO_PROGRESS.n) };
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
  const progress = await readProgress(store, warehouse, one.id, log);
  const from = loadedTo(progress, tablesWithHistory(one.stream.tables));
  return (await hasCommitAfter(store, one.id, from)) ? [{ ...one, progress, from }] : [];
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
