import { join } from 'node:path';
import { DAY_MS } from '../../functions/time.ts';
import type { DataDir } from '../settings/data-dir.ts';
import { expireRaw } from './expire-raw.ts';
import { fsStore } from './fs-store.ts';
import { onceADay } from './once-a-day.ts';
import { sweepTemporaries } from './sweep-temporaries.ts';

/**
 * Removes half-written files of killed processes from the lake, and copies of answers that have expired, at most once a day because it
 * reads every folder.
 * @param now milliseconds since the epoch
 * @param rawDays days to keep the vendors' answers as served. @default for ever
 * @returns the number of removed files
 */
export async function sweepDaily({ path, lake }: DataDir, now: number, rawDays?: number): Promise<number> {
  const removed = await onceADay(join(path, '.swept'), now, async () => {
    const expired = rawDays === undefined ? 0 : await expireRaw(fsStore(lake), rawDays, now);
    return expired + (await sweepTemporaries(lake, now - DAY_MS));
  });
  return removed ?? 0;
}
