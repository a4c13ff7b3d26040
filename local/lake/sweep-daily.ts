import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '../../functions/time.ts';
import type { DataDir } from '../settings/data-dir.ts';
import { expireRaw } from './expire-raw.ts';
import { fsStore } from './fs-store.ts';
import { sweepTemporaries } from './sweep-temporaries.ts';

/**
 * Removes half-written files of killed processes from the lake, and copies of answers that have expired, at most once a day because it
 * reads every folder.
 * @param now milliseconds since the epoch
 * @param rawDays days to keep the vendors' answers as served. @default for ever
 * @returns the number of removed files
 */
export async function sweepDaily({ path, lake }: DataDir, now: number, rawDays?: number): Promise<number> {
  const mark = join(path, '.swept');
  const last = await stat(mark).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
  if (now - last < DAY_MS) return 0;
  const expired = rawDays === undefined ? 0 : await expireRaw(fsStore(lake), rawDays, now);
  const removed = expired + (await sweepTemporaries(lake, now - DAY_MS));
  await writeFile(mark, '', { mode: 0o600 });
  await utimes(mark, now / 1000, now / 1000);
  return removed;
}
