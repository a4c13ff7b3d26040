import { readdir, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { folderError, isMissing } from './folder-error.ts';

/** No key contains this character, so a listing never shows a temporary file, and a sweep never removes an object. */
const MARK = '~';

/** Name of a file while it is being written. */
export function temporaryName(pid: number, random: string): string {
  return `${MARK}${pid}.${random}`;
}

/**
 * Removes files that a killed process left half written.
 * @param before milliseconds since the epoch; younger files may still be being written, so use a day ago
 * @returns the number of removed files
 * @throws StorageError
 */
export async function sweepTemporaries(root: string, before: number): Promise<number> {
  const folder = resolve(root);
  try {
    return await sweepFolder(folder, before);
  } catch (error) {
    throw folderError(folder, 'sweep', error);
  }
}

async function sweepFolder(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const entry of await unlessGone(readdir(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removed += await sweepFolder(path, before);
    else if (entry.isFile() && entry.name.startsWith(MARK)) removed += await sweepFile(path, before);
  }
  return removed;
}

async function sweepFile(path: string, before: number): Promise<number> {
  const found = await unlessGone(stat(path), undefined);
  if (found === undefined || found.mtimeMs >= before) return 0;
  return unlessGone(
    unlink(path).then(() => 1),
    0,
  );
}

async function unlessGone<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}
