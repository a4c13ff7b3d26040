import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { folderError, removeHalf } from '../lake/folder-error.ts';
import { makeFolder } from '../lake/make-folder.ts';

/** Writes a page that only its owner can read, replacing the file atomically. @param path absolute @throws StorageError */
export async function writeReport(page: string, path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, page, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    throw folderError(dirname(path), 'write', error);
  } finally {
    await removeHalf(temporary);
  }
}
