import { parseProgress, parseProgressKey } from '../lake/load-progress.ts';
import { PROGRESS_PREFIX, type StreamId, streamName } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import { DAY_MS } from '../time.ts';

/** A warehouse that has loaded nothing for this long no longer counts: nobody may be using it. */
const IDLE_MS = 30 * DAY_MS;

/** How far one warehouse has loaded, and since when that has not changed, ms. */
export interface WarehouseMark {
  readonly print: string;
  readonly since: number;
}

/** How far the warehouses of a lake have loaded. */
export interface LoadedStreams {
  /** Each stream of which this stage's warehouse has loaded something, with the number up to which every warehouse has loaded it. */
  readonly streams: readonly { readonly id: StreamId; readonly n: number }[];
  /** Every warehouse with progress in the lake, by identity. */
  readonly warehouses: Readonly<Record<string, WarehouseMark>>;
}

/**
 * Reads up to which number every warehouse has loaded each stream. A warehouse that has loaded nothing for 30 days does not count,
 * except that of this stage.
 * @param own identity of this stage's warehouse
 * @param known the warehouses as they were when this was last asked
 * @param at now, ms
 */
export async function loadedByAll(
  store: Store,
  own: string,
  known: Readonly<Record<string, WarehouseMark>>,
  at: number,
): Promise<LoadedStreams> {
  const loaded = await readAllProgress(store);
  const warehouses: Record<string, WarehouseMark> = {};
  for (const [warehouse, streams] of loaded) {
    const print = [...streams.values()].map(({ n }) => n).join();
    const before = known[warehouse];
    warehouses[warehouse] = before?.print === print ? before : { print, since: at };
  }
  const counting = [...loaded].filter(([name]) => name === own || at - (warehouses[name]?.since ?? at) < IDLE_MS);
  const streams = [...(loaded.get(own) ?? [])].map(([name, { id }]) => {
    // A warehouse without progress in a stream has loaded nothing of it.
    const n = Math.min(...counting.map(([, of]) => of.get(name)?.n ?? 0));
    return { id, n };
  });
  return { streams, warehouses };
}

/** The progress of every warehouse, by warehouse and stream. A damaged object counts as nothing loaded. */
async function readAllProgress(store: Store) {
  const loaded = new Map<string, Map<string, { readonly id: StreamId; readonly n: number }>>();
  for await (const key of store.list(PROGRESS_PREFIX)) {
    const of = parseProgressKey(key);
    if (!of) continue;
    const { warehouse, id } = of;
    const body = await store.get(key);
    const streams = loaded.get(warehouse) ?? new Map();
    loaded.set(warehouse, streams.set(streamName(id), { id, n: (body && parseProgress(body)?.n) ?? 0 }));
  }
  return loaded;
}
