import { join } from 'node:path';
import { DAY_MS } from '../../functions/time.ts';
import { type DataDir, isBucket } from '../settings/data-dir.ts';
import { expireRaw } from './expire-raw.ts';
import { onceADay } from './once-a-day.ts';
import { openStore } from './open-store.ts';
import { sweepTemporaries } from './sweep-temporaries.ts';

/**
 * Removes half-written files of killed processes from the lake, which a bucket has none of, and copies of answers that have expired, at most
 * once a day because it reads every folder.
 * @param now milliseconds since the epoch
 * @param rawDays days to keep the vendors' answers as served. @default for ever
 * @returns the number of removed files
 */
export async function sweepDaily(dir: DataDir, now: number, rawDays?: number): Promise<number> {
  const { path, lake } = dir;
  if (isBucket(lake) && rawDays === undefined) return 0;
  const removed = await onceADay(join(path, '.swept'), now, async () => {
    const expired = rawDays === undefined ? 0 : await expireRaw(await openStore(dir), rawDays, now);
    return expired + (isBucket(lake) ? 0 : await sweepTemporaries(lake, now - DAY_MS));
  });
  return removed ?? 0;
}
