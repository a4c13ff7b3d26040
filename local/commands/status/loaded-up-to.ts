import { CallhouseError, SqlError, WarehouseBusyError } from '../../../functions/errors.ts';
import { PROGRESS_PREFIX, type StreamId } from '../../../functions/lake/keys.ts';
import { type LoadProgress, readProgress } from '../../../functions/lake/load-progress.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { quoteText } from '../../../schemas/derive/sql-text.ts';
import { foldersIn } from '../../lake/store-folders.ts';

/** Number of the last commit of a stream that the warehouse holds; 0 for none. */
export type LoadedUpTo = (id: StreamId) => Promise<number>;

/** A loader notes its progress after each batch: that of one warehouse, by its identity. */
export function loadedBy(warehouse: string, store: Store): LoadedUpTo {
  return async (id) => (await readProgress(store, warehouse, id, () => {})).n;
}

/** That of the warehouse which is furthest, where it cannot be known which of those that were ever loaded is meant. */
export async function loadedByAny(store: Store): Promise<{ warehouses: number; loadedUpTo: LoadedUpTo }> {
  const warehouses = await foldersIn(store, PROGRESS_PREFIX);
  const loadedUpTo: LoadedUpTo = async (id) => {
    const progress = await Promise.all(warehouses.map((warehouse) => loadedBy(warehouse, store)(id)));
    return Math.max(0, ...progress);
  };
  return { warehouses: warehouses.length, loadedUpTo };
}

/** What a look into a warehouse file came to; `failure` where that may be another one's progress. */
export interface WarehouseLook {
  readonly loadedUpTo: LoadedUpTo;
  readonly failure?: CallhouseError;
}

/**
 * Looks into the warehouse, which must be opened for reading: the progress of an older copy, put back from a backup, does not count,
 * since the next load begins at the first commit. Where the file cannot be read, the loaders' progress has to do.
 */
export async function lookInto(engine: Engine, store: Store, ids: readonly StreamId[]): Promise<WarehouseLook> {
  try {
    const identity = await identityOf(engine);
    const held = new Map<string, number>();
    for (const id of identity === undefined ? [] : ids) {
      held.set(nameOf(id), await heldOf(await readProgress(store, String(identity), id, () => {}), engine));
    }
    return { loadedUpTo: async (id) => held.get(nameOf(id)) ?? 0 };
  } catch (failure) {
    if (!(failure instanceof CallhouseError)) throw failure;
    const { warehouses, loadedUpTo } = await loadedByAny(store);
    const isKnown = failure instanceof WarehouseBusyError && warehouses < 2;
    return { loadedUpTo, ...(isKnown ? {} : { failure }) };
  } finally {
    await engine.close();
  }
}

/** Undefined where nothing was ever loaded into the file. */
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

function nameOf({ source, account, stream }: StreamId): string {
  return `${source}/${account}/${stream}`;
}
