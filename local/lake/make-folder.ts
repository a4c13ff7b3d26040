import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ALONE = 0o700;

/**
 * Creates a folder and what is missing above it, readable for their owner alone. Node's own `recursive` never returns where a folder exists
 * and nothing can be created in it, and the system says ENOENT: `/proc`, or a folder of automatic mounts.
 * @param path absolute
 * @returns the first folder that was created; undefined if all exist
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeFolder(dirname(path));
  const made = await makeOne(path);
  return first ?? made;
}

/** @returns the path; undefined if the folder exists */
async function makeOne(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { mode: OWNER_ALONE });
    return path;
  } catch (error) {
    // A disk that is mounted for reading may say so before it says that the folder exists.
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) return undefined;
    throw error;
  }
}
