import * as z from 'zod';
import { parseStored } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import { DAY_MS } from '../../../functions/time.ts';
import type { Step } from './plan-steps.ts';

const markSchema = z.object({ version: z.literal(1), readAt: z.iso.datetime() });
/** Older marks are ignored: the data may have changed since, so an abandoned backfill starts again. */
const COUNTS_FOR_MS = 7 * DAY_MS;

/** Marks of what a backfill of one account has read, kept in the store until the backfill is complete. */
export interface Marks {
  /** Streams of the step that are still to be read. */
  left(step: Step): readonly string[];
  /** Marks these streams of the step as read. */
  add(step: Step, streams: readonly string[]): Promise<void>;
  /** Deletes the marks, so that the same backfill can be repeated. Call it after everything is loaded. */
  clear(): Promise<void>;
}

/** Opens the marks of one account. */
export async function openMarks(
  store: Store,
  { source, account }: { readonly source: string; readonly account: string },
  now: number,
): Promise<Marks> {
  const prefix = `backfills/${source}/${account}/`;
  const keyOf = ({ window }: Step, stream: string) =>
    `${prefix}${stream}/${basic(window.from)}-${basic(window.to)}.json`;
  const read = new Set<string>();
  for await (const key of store.list(prefix)) {
    const body = await store.get(key);
    const mark = markSchema.safeParse(body && parseStored(body)).data;
    if (mark && now - Date.parse(mark.readAt) < COUNTS_FOR_MS) read.add(key);
  }
  const touched = new Set<string>();
  return {
    left(step) {
      for (const stream of step.streams) if (read.has(keyOf(step, stream))) touched.add(keyOf(step, stream));
      return step.streams.filter((stream) => !read.has(keyOf(step, stream)));
    },
    async add(step, streams) {
      for (const key of streams.map((stream) => keyOf(step, stream))) {
        const body = JSON.stringify({ version: 1, readAt: new Date(now).toISOString() });
        await store.put(key, Buffer.from(body), { replace: true });
        read.add(key);
        touched.add(key);
      }
    },
    async clear() {
      for (const key of touched) await store.delete(key);
    },
  };
}

/** `20260101T000000.000Z` */
function basic(instant: Date): string {
  return instant.toISOString().replace(/[-:]/g, '');
}
