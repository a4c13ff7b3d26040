import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StorageError } from '../../functions/errors.ts';
import { makeFolder } from '../lake/make-folder.ts';

/** The paths of a data directory. */
export interface DataDir {
  /** For messages: the folder, or the bucket of the lake. */
  readonly name: string;
  /** Absolute folder on this machine of everything but the lake. */
  readonly path: string;
  /** A folder, or `s3://bucket/prefix`. */
  readonly lake: string;
  readonly warehouse: string;
  readonly report: string;
}

/** True if the lake is in a bucket. */
export function isBucket(lake: string): boolean {
  return lake.startsWith('s3://');
}

/**
 * The paths of a data directory, which may not exist. With a lake in a bucket, the warehouse and the report are on this machine.
 * @param warehouse file of the warehouse; used only with a bucket
 */
export function dataDirAt(folder: string, warehouse = 'data/warehouse.duckdb'): DataDir {
  const remote = isBucket(folder);
  const path = remote ? dirname(resolve(warehouse)) : resolve(folder);
  const at = (name: string) => join(path, name);
  return {
    name: remote ? folder.replace(/(?<!\/)\/+$/, '') : path,
    path,
    lake: remote ? folder.replace(/(?<!\/)\/+$/, '') : at('lake'),
    warehouse: remote ? resolve(warehouse) : at('warehouse.duckdb'),
    report: at('report.html'),
  };
}

/**
 * Creates the directory, readable for its owner alone, and checks that it can be read and written.
 * @throws StorageError that names the directory and the remedy
 */
export async function openDataDir(folder: string, warehouse?: string): Promise<DataDir> {
  const dir = dataDirAt(folder, warehouse);
  try {
    await makeFolder(dir.path);
    await access(dir.path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(dir, error);
  }
  return dir;
}

/** True if the directory exists. @throws StorageError if it cannot be read */
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
  const remedy =
    code === 'EEXIST' || code === 'ENOTDIR'
      ? 'there is a file in its place; move it away'
      : 'give this user access to it';
  return new StorageError(
    `data directory ${path} cannot be read and written (${code}): ${remedy}, or choose another with --data-dir`,
    {},
    { cause: error },
  );
}
