import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { folderError } from '../lake/folder-error.ts';

/** Writes a page that only its owner can read, replacing the file atomically. @param path absolute @throws StorageError */
export async function writeReport(page: string, path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(temporary, page, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    throw folderError(dirname(path), 'write', error);
  } finally {
    await rm(temporary, { force: true });
  }
}
