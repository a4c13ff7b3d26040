import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '../functions/time.ts';
import type { DataDir } from './data-dir.ts';
import { sweepTemporaries } from './sweep-temporaries.ts';

/**
 * Once a day removes what killed processes left half written in the lake; it looks at every folder, which takes a while where there are many.
 * @returns how many files were removed
 */
export async function sweepDaily({ path, lake }: DataDir, now: number): Promise<number> {
  const mark = join(path, '.swept');
  const last = await stat(mark).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
  if (now - last < DAY_MS) return 0;
  const removed = await sweepTemporaries(lake, now - DAY_MS);
  await writeFile(mark, '', { mode: 0o600 });
  await utimes(mark, now / 1000, now / 1000);
  return removed;
}
