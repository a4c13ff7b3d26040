import { stat, utimes, writeFile } from 'node:fs/promises';
import { DAY_MS } from '../../functions/time.ts';

/**
 * Does work at most once a day.
 * @param mark file whose age is the time since the work was last done
 * @param now ms since the epoch
 * @returns undefined if it was done within a day
 */
export async function onceADay<T>(mark: string, now: number, work: () => Promise<T>): Promise<T | undefined> {
  const last = await stat(mark).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
  // A clock that was wrong once must not stop the work until that time.
  if (Math.abs(now - last) < DAY_MS) return undefined;
  const result = await work();
  await writeFile(mark, '', { mode: 0o600 });
  await utimes(mark, now / 1000, now / 1000);
  return result;
}
