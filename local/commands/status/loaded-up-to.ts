import { CallhouseError, SqlError, WarehouseBusyError } from '../../../functions/errors.ts';
import { isLogWithout } from '../../../functions/lake/commit-log.ts';
import { foldersIn } from '../../../functions/lake/folders-in.ts';
import { type LoadProgress, NO_PROGRESS, readProgress } from '../../../functions/lake/load-progress.ts';
import { PROGRESS_PREFIX, type StreamId, streamName } from '../../../functions/lake/objects.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { quoteText } from '../../../schemas/derive/sql-text.ts';
import { olderThanWarehouse } from './log-fault.ts';

/** Returns the number of a stream's last commit that the warehouse holds; 0 for none. */
export type LoadedUpTo = (id: StreamId) => Promise<number>;

/** The progress that the loader of one warehouse noted. @param warehouse its identity */
export function loadedBy(warehouse: string, store: Store): LoadedUpTo {
  return async (id) => (await progressIn(store, warehouse, id)).n;
}

/** The loader's progress; none if it names a commit that the log does not have: the next load begins at the first commit. */
async function progressIn(store: Store, warehouse: string, id: StreamId): Promise<LoadProgress> {
  const progress = await readProgress(store, warehouse, id, () => {});
  return (await isLogWithout(store, id, progress)) ? NO_PROGRESS : progress;
}

/** The progress of the warehouse that is furthest, for a lake of which several warehouses may have been loaded. */
export async function loadedByAny(store: Store): Promise<{ warehouses: number; loadedUpTo: LoadedUpTo }> {
  const warehouses = await foldersIn(store, PROGRESS_PREFIX);
  const loadedUpTo: LoadedUpTo = async (id) => {
    const progress = await Promise.all(warehouses.map((warehouse) => loadedBy(warehouse, store)(id)));
    return Math.max(0, ...progress);
  };
  return { warehouses: warehouses.length, loadedUpTo };
}

/** What a warehouse holds. `failure` is set if the file could not be read and the progress may be that of another warehouse. */
export interface WarehouseLook {
  readonly loadedUpTo: LoadedUpTo;
  /** What is wrong with the stream's log, as the warehouse tells. @default nothing */
  readonly faultOf?: (id: StreamId) => string | undefined;
  readonly failure?: CallhouseError;
}

/**
 * Reads from the warehouse, open for reading, what it holds. After an older copy was restored, the loader's progress is ahead of
 * the file and does not count: the next load begins at the first commit. If the file cannot be read, the loader's progress is used.
 */
export async function lookInto(
  engine: Engine,
  { store, sources }: { readonly store: Store; readonly sources: readonly StoredSource[] },
  ids: readonly StreamId[],
): Promise<WarehouseLook> {
  try {
    const warehouse = await identityOf(engine);
    const held = new Map<string, number>();
    const faults = new Map<string, string | undefined>();
    for (const id of warehouse === undefined ? [] : ids) {
      const progress = await progressIn(store, String(warehouse), id);
      held.set(streamName(id), await heldOf(progress, engine));
      faults.set(
        streamName(id),
        await olderThanWarehouse(id, progress, { engine, store, sources, warehouse: String(warehouse) }),
      );
    }
    return { loadedUpTo: async (id) => held.get(streamName(id)) ?? 0, faultOf: (id) => faults.get(streamName(id)) };
  } catch (failure) {
    if (!(failure instanceof CallhouseError)) throw failure;
    const { warehouses, loadedUpTo } = await loadedByAny(store);
    const isKnown = failure instanceof WarehouseBusyError && warehouses < 2;
    return { loadedUpTo, ...(isKnown ? {} : { failure }) };
  } finally {
    await engine.close();
  }
}

/** Undefined if nothing was ever loaded into the file. */
async function identityOf(engine: Engine): Promise<string | undefined> {
  try {
    const { rows } = await engine.query(`SELECT id FROM "${DATABASES.staging}"."_warehouse"`);
    return rows[0] === undefined ? undefined : String(rows[0][0]);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

async function heldOf({ n, loadId }: LoadProgress, engine: Engine): Promise<number> {
  if (loadId === undefined) return n;
  const { rows } = await engine.query(
    `SELECT 1 FROM "${DATABASES.safe}"."loads" WHERE load_id = ${quoteText(loadId)} LIMIT 1`,
  );
  return rows.length > 0 ? n : 0;
}
