import * as z from 'zod';
import type { StreamId } from '../commit.ts';
import type { Log, Store } from '../ports.ts';

const progressSchema = z.object({
  version: z.literal(1),
  /** Number of the last commit that the warehouse holds. */
  n: z.number().int().nonnegative(),
  /** Its load id, which the table `loads` holds unless the warehouse went back to an older copy. */
  loadId: z.string().optional(),
});

/** How far a warehouse has loaded a stream. */
export type Progress = z.infer<typeof progressSchema>;

/** Nothing is loaded. */
export const NO_PROGRESS: Progress = { version: 1, n: 0 };

/** Key of the progress object of one stream in one warehouse. */
export function progressKey(warehouse: string, { source, account, stream }: StreamId): string {
  return `progress/${warehouse}/${source}/${account}/${stream}.json`;
}

/** Reads how far the stream is loaded; an object that cannot be read means from the start, since a replay changes nothing. */
export async function readProgress(store: Store, warehouse: string, id: StreamId, log: Log): Promise<Progress> {
  const key = progressKey(warehouse, id);
  const body = await store.get(key);
  if (!body) return NO_PROGRESS;
  const progress = parseProgress(body);
  if (!progress)
    log('warn', 'the progress object cannot be read; loading the stream from its first commit', { ...id, key });
  return progress ?? NO_PROGRESS;
}

/**
 * Notes how far the stream is loaded; it only moves forward. Two loaders at once may still cross between the look and the
 * write: then the next load replays commits that are in, which changes nothing.
 */
export async function writeProgress(store: Store, warehouse: string, id: StreamId, progress: Progress): Promise<void> {
  const key = progressKey(warehouse, id);
  const body = await store.get(key);
  const known = body && parseProgress(body);
  if (known && known.n >= progress.n) return;
  await store.put(key, new TextEncoder().encode(JSON.stringify(progress)), { replace: true });
}

function parseProgress(body: Uint8Array): Progress | undefined {
  try {
    return progressSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return undefined;
  }
}
