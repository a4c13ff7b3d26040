import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StorageError } from '../functions/errors.ts';

/** What lies where in a data directory. */
export interface DataDir {
  /** Absolute. */
  readonly path: string;
  readonly lake: string;
  readonly warehouse: string;
  readonly report: string;
  readonly hashKey: string;
}

/** The places in a data directory, there or not. */
export function dataDirAt(folder: string): DataDir {
  const path = resolve(folder);
  const at = (name: string) => join(path, name);
  return {
    path,
    lake: at('lake'),
    warehouse: at('warehouse.duckdb'),
    report: at('report.html'),
    hashKey: at('hash.key'),
  };
}

/**
 * Makes the directory, for its owner alone, and checks that it can be used.
 * @throws StorageError that names it and the remedy
 */
export async function openDataDir(folder: string): Promise<DataDir> {
  const dir = dataDirAt(folder);
  try {
    await mkdir(dir.path, { recursive: true, mode: 0o700 });
    await access(dir.path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(dir, error);
  }
  return dir;
}

/** True where the directory is there. @throws StorageError where it cannot be read */
export async function isDataDir(dir: DataDir): Promise<boolean> {
  try {
    if (!(await stat(dir.path)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
    await access(dir.path, constants.R_OK | constants.X_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw unusable(dir, error);
  }
}

function unusable({ path }: DataDir, error: unknown): StorageError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const remedy = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file stands in its place' : 'give this user access to it';
  return new StorageError(
    `data directory ${path} cannot be read and written (${code}): ${remedy}, or choose another with --data-dir`,
    {},
    { cause: error },
  );
}
