import { quoteList, quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { StateError } from '../errors.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { type StreamId, streamName } from '../lake/objects.ts';
import type { Engine, Store } from '../ports.ts';
import type { StreamToLoad } from './plan.ts';
import type { Warehouse } from './target.ts';

/** A stream that is behind, and the number and load id of the last commit that its saved progress names. */
interface BehindStream {
  readonly id: StreamId;
  readonly stream: StreamToLoad;
  readonly progress: { readonly n: number; readonly loadId?: string | undefined };
}

/** Load ids by the number of their commit. */
type LoadIds = Map<number, string[]>;

/** What the warehouse holds of streams that are behind. */
export interface HeldRows {
  /** False if the warehouse does not have the commit that the saved progress names. */
  readonly hasProgress: (one: BehindStream) => boolean;
  /** What is wrong, if the warehouse has rows of commits that the lake does not have. */
  readonly faultOf: (one: BehindStream) => Promise<StateError | undefined>;
}

/**
 * Asks the warehouse with one statement which commits of the saved progress it holds, and of which commits the rows are that are newer;
 * a loader that was killed has left some. The log is read after that.
 */
export async function readHeldRows(
  behind: readonly BehindStream[],
  warehouse: Warehouse,
  { store, engine }: { readonly store: Store; readonly engine: Engine },
): Promise<HeldRows> {
  const { rows } = behind.length > 0 ? await engine.query(statementOf(behind, warehouse)) : { rows: [] };
  const held = new Set<unknown>();
  const newer = new Map<string, LoadIds>();
  for (const [loadId, name, seq] of rows) {
    if (name === '' || name === undefined) held.add(loadId);
    else {
      const of: LoadIds = newer.get(String(name)) ?? new Map();
      newer.set(String(name), of.set(Number(seq), [...(of.get(Number(seq)) ?? []), String(loadId)]));
    }
  }
  return {
    hasProgress: ({ progress: { loadId } }) => loadId === undefined || held.has(loadId),
    async faultOf({ id, progress }) {
      const loadIds = newer.get(streamName(id)) ?? new Map();
      for (const n of loadIds.keys()) if (n <= progress.n) loadIds.delete(n);
      return loadIds.size > 0 && (await isForeign(loadIds, progress.n, id, store)) ? olderLake(store, id) : undefined;
    },
  };
}

function statementOf(behind: readonly BehindStream[], { databases: { safe } }: Warehouse): string {
  const table = (name: string) => `${quoteName(safe)}.${quoteName(name)}`;
  const loadIds = behind.flatMap(({ progress }) => progress.loadId ?? []);
  const known = `SELECT load_id, '' AS stream, 0 AS seq FROM ${table('loads')} WHERE load_id IN ${quoteList(loadIds)}`;
  const tests = new Map<string, string[]>();
  for (const { id, stream, progress } of behind) {
    const test = `t."account" = ${quoteText(id.account)} AND t."_seq" > ${progress.n}`;
    for (const { name } of stream.tables) tests.set(name, [...(tests.get(name) ?? []), test]);
  }
  const newer = [...tests].map(
    ([name, some]) =>
      `SELECT DISTINCT t."_load_id", l.source || '/' || l.account || '/' || l.stream, t."_seq" FROM ${table(name)} t JOIN ${table('loads')} l ON l.load_id = t."_load_id" WHERE ${some.join(' OR ')}`,
  );
  return [...(loadIds.length > 0 ? [known] : []), ...newer].join(' UNION ALL ');
}

/**
 * True if a row has the number of a commit and another load id, or a number after the last commit. Before the first one another log was.
 * A commit that cannot be read is left to the load, which reports it.
 */
async function isForeign(loadIds: LoadIds, after: number, id: StreamId, store: Store): Promise<boolean> {
  let last = after;
  try {
    for await (const { n, loadId } of readCommitsAfter(store, id, after)) {
      if (loadIds.get(n)?.some((own) => own !== loadId)) return true;
      last = n;
    }
  } catch (error) {
    if (error instanceof StateError) return false;
    throw error;
  }
  return [...loadIds.keys()].some((n) => n > last);
}

function olderLake({ name }: Store, id: StreamId): StateError {
  return new StateError(
    `the warehouse has rows of commits that ${name} does not have, so the lake is older than the warehouse, and rows that are read now would not count; restore the lake from a copy that is as new as the warehouse, or move the warehouse away, so that the next run makes it again from this lake`,
    id,
  );
}
