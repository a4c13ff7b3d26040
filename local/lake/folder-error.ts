import { rm, stat } from 'node:fs/promises';
import { CallhouseError, ConfigError, StorageError } from '../../functions/errors.ts';

/** The operation that failed. */
export type Verb = 'read' | 'write' | 'list' | 'delete' | 'sweep';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk; free some, or choose another data directory',
  EDQUOT: 'the disk quota is used up; free some space, or choose another data directory',
  EACCES: 'permission is denied; give this user read and write access to it',
  EPERM: 'the operation is not permitted; choose a data directory on a disk that has hard links and is yours',
  ENOTSUP: 'the disk has no hard links; choose a data directory on another disk',
  EROFS: 'the disk is read-only; mount it for writing, or choose another data directory',
  EIO: 'the disk reports an input/output error; check it, and choose another data directory',
  EMFILE: 'too many files are open; raise the limit of open files (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close some programs',
  EEXIST: 'there is a file where a folder is expected; move it away',
  ENOTDIR: 'there is a file where a folder is expected; move it away',
  EISDIR: 'there is a folder where a file is expected; move it away',
  ENOENT: 'the folder does not exist, and cannot be created; choose another',
  EFBIG: 'the file is larger than the disk, or the limit of this user (ulimit -f), allows',
  ENAMETOOLONG: 'its path is too long; choose a data directory with a shorter one',
};

/** Converts the error of a failed file operation to one that names the folder, the cause and the remedy. It contains no object key. */
export function folderError(folder: string, verb: Verb, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof CallhouseError || code === undefined) return error;
  const remedy = REMEDIES[code] ?? 'check the disk that holds it';
  return new StorageError(`cannot ${verb} in ${folder}: ${remedy} (${code})`, {}, { cause: error });
}

/** True if the error means that there is no such file. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** Removes a file that is half written, if it is there. Its folder may be a file: that is the error to tell then, not this one. */
export async function removeHalf(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/**
 * Refuses a path that cannot be replaced by a file: a folder, or a device such as `/dev/stdout`, which a rename would replace for everyone.
 * @param expected what else to name
 * @throws ConfigError
 */
export async function refuseNoFile(path: string, expected: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isFile()) return;
  throw new ConfigError(`${path} is a ${found.isDirectory() ? 'folder' : 'device or pipe'}; expected ${expected}`);
}
