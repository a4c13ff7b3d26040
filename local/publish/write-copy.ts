import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { HOUR_MS } from '../../functions/time.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { folderError, removeHalf } from '../lake/folder-error.ts';
import { makeFolder } from '../lake/make-folder.ts';
import { syncPath } from '../lake/sync-path.ts';
import { TARGET } from './copy-safe.ts';
import { giveToGroup } from './file-access.ts';

/** How a DuckDB file is written that others may have open. */
export interface WriteCopyOptions {
  /** Absolute path of the file. */
  readonly path: string;
  /** Group that may read it. @default its owner alone */
  readonly group?: string | undefined;
  /** True: begins with the file that is there. False: with an empty one, so that no block of the earlier one is kept. */
  readonly keepsEarlier: boolean;
  /** Half-written files that are older, ms since the epoch, are removed. @default an hour ago */
  readonly deadBefore?: number | undefined;
}

/** DuckDB's log of changes that a file lacks yet, for example of a program that was killed while it had the file open. */
export function logOf(path: string): string {
  return `${path}.wal`;
}

/** Path of the file that is written first, and then replaces `path`. */
export function halfOf(path: string): string {
  return join(dirname(path), `${MARK}${basename(path)}.${randomBytes(8).toString('hex')}`);
}

/** Readers of a group must be able to enter the folder. */
const SHARED_FOLDER = 0o750;
/** Marks files that are being written. A copy removes those that a killed process left behind. */
const MARK = '~';
/** How the name of such a file ends, with DuckDB's log beside it. */
const RANDOM = /\.[0-9a-f]{16}(\.wal)?$/;

/**
 * Writes a file beside `path`, lets `fill` fill it as the attached database `published`, and then replaces `path` by it. Readers keep
 * the earlier file until they open it again.
 * @throws StorageError
 */
export async function writeCopy(
  connection: DuckDBConnection,
  { path, group, keepsEarlier, deadBefore = Date.now() - HOUR_MS }: WriteCopyOptions,
  fill: () => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = halfOf(path);
  try {
    await openToGroup(folder, group);
    await removeLeftovers(folder, basename(path), deadBefore);
    if (keepsEarlier) {
      await copyFile(path, temporary, constants.COPYFILE_FICLONE);
      await chmod(temporary, 0o600);
    }
    await whileAttached(connection, temporary, fill);
    await giveToGroup(temporary, group);
    await syncPath(temporary);
    await removeHalf(logOf(path));
    await rename(temporary, path);
    await syncPath(folder);
  } catch (error) {
    throw folderError(folder, 'write', error);
  } finally {
    // On a full disk, DuckDB leaves its log beside the file.
    for (const left of [temporary, logOf(temporary)]) await removeHalf(left);
  }
}

async function whileAttached(connection: DuckDBConnection, path: string, fill: () => Promise<void>): Promise<void> {
  const [home] = (await (await connection.run('SELECT current_database()')).getRows())[0] ?? [];
  // Nobody opens the file before its checkpoint, so a log of its changes would only write them twice.
  await connection.run(`ATTACH ${quoteText(path)} AS ${TARGET} (RECOVERY_MODE 'NO_WAL_WRITES')`);
  try {
    await fill();
    await connection.run(`CHECKPOINT ${TARGET}`);
  } finally {
    await connection.run(`USE ${quoteName(String(home))}`);
    await connection.run(`DETACH ${TARGET}`);
  }
}

async function openToGroup(folder: string, group: string | undefined): Promise<void> {
  const made = await makeFolder(folder);
  if (made !== undefined && group !== undefined) await giveToGroup(folder, group, SHARED_FOLDER);
}

/** Removes what processes that were killed have left of files of this name. @param before ms since the epoch: older ones are dead */
export async function removeLeftovers(folder: string, name: string, before = Date.now() - HOUR_MS): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.name.startsWith(`${MARK}${name}.`) || !RANDOM.test(entry.name)) continue;
    const path = join(folder, entry.name);
    // A folder belongs to a query, which may still be running.
    const deadBefore = entry.isDirectory() ? Math.min(before, Date.now() - HOUR_MS) : before;
    const { mtimeMs = before } = (await stat(path).catch(() => undefined)) ?? {};
    if (mtimeMs < deadBefore) await rm(path, { recursive: true, force: true });
  }
}
