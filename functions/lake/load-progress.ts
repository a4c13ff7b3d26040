import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Log, Store } from '../ports.ts';
import { PROGRESS_PREFIX, parseStored, progressKey, type StreamId, storedJson } from './objects.ts';

const progressSchema = z.object({
  version: z.literal(1),
  /** Number of the last commit that the warehouse holds. */
  n: z.number().int().nonnegative(),
  /** Load id of that commit. The table `loads` holds it, unless the warehouse was replaced by an older copy. */
  loadId: z.string().optional(),
  /** Number of the last commit whose versions `call_versions` holds, by table; a table that is not named has none. */
  versions: z.record(z.string(), z.number().int().nonnegative()).optional(),
});

/** How far a warehouse has loaded a stream. */
export type LoadProgress = z.infer<typeof progressSchema>;

/** Nothing is loaded. */
export const NO_PROGRESS: LoadProgress = { version: 1, n: 0 };

/** Reads how far the stream is loaded. An object that cannot be read means "from the start", since a replay changes nothing. */
export async function readProgress(store: Store, warehouse: string, id: StreamId, log: Log): Promise<LoadProgress> {
  const key = progressKey(warehouse, id);
  const body = await store.get(key);
  if (!body) return NO_PROGRESS;
  const progress = parseProgress(body);
  if (!progress)
    log('warn', 'the progress object cannot be read; loading the stream from its first commit', { ...id, key });
  return progress ?? NO_PROGRESS;
}

/** Number of the last commit of which the warehouse holds everything. @param tables those of the stream of which versions are kept */
export function loadedTo({ n, versions = {} }: LoadProgress, tables: readonly string[]): number {
  return Math.min(n, ...tables.map((name) => versions[name] ?? 0));
}

/**
 * Notes how far the stream is loaded; numbers only grow. Two loaders at the same time may still cross between reading and
 * writing: then the next load replays commits that are already loaded, which changes nothing.
 */
export async function writeProgress(
  store: Store,
  warehouse: string,
  id: StreamId,
  progress: LoadProgress,
): Promise<void> {
  const key = progressKey(warehouse, id);
  const body = await store.get(key);
  const known = body && parseProgress(body);
  const grown = known ? furthest(known, progress) : progress;
  if (known && isDeepStrictEqual(known, grown)) return;
  await store.put(key, storedJson(grown), { replace: true });
}

function furthest(one: LoadProgress, other: LoadProgress): LoadProgress {
  const { versions: _, ...far } = one.n >= other.n ? one : other;
  const versions = { ...one.versions };
  for (const [name, n] of Object.entries(other.versions ?? {})) versions[name] = Math.max(n, versions[name] ?? 0);
  return Object.keys(versions).length === 0 ? far : { ...far, versions };
}

/** A stored progress object; undefined if it cannot be read. */
export function parseProgress(body: Uint8Array): LoadProgress | undefined {
  return progressSchema.safeParse(parseStored(body)).data;
}

const PROGRESS_KEY = new RegExp(`^${PROGRESS_PREFIX}([^/]+)/([^/]+)/([^/]+)/([^/]+)\\.json$`);

/** The warehouse and stream of a progress object's key; undefined for any other key. */
export function parseProgressKey(key: string): { readonly warehouse: string; readonly id: StreamId } | undefined {
  const [, warehouse, source, account, stream] = PROGRESS_KEY.exec(key) ?? [];
  if (warehouse === undefined || source === undefined || account === undefined || stream === undefined)
    return undefined;
  return { warehouse, id: { source, account, stream } };
}
