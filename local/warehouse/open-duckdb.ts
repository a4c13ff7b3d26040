import { randomBytes } from 'node:crypto';
import { chmod, readdir, realpath, rm, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ConfigError, StorageError, WarehouseBusyError } from '../../functions/errors.ts';
import { isMissing } from '../lake/folder-error.ts';
import { makeFolder } from '../lake/make-folder.ts';
import { duckdb } from './duckdb.ts';
import { asStorageError, holderOf, isLocked } from './duckdb-errors.ts';

/** How to open a warehouse file. */
export interface DuckdbSettings {
  /** The file, for example `data/warehouse.duckdb`. */
  readonly path: string;
  /** Opens an existing file for queries: no write, no other file, no change of settings. @default false */
  readonly readOnly?: boolean | undefined;
  /** Memory of DuckDB's buffers; it takes about 300 MB besides. @default 256MB, of a read-only file 1GB */
  readonly memoryLimit?: string;
  /**
   * With one thread, rows are inserted once; several threads each collect rows and copy them again, and wait for each other at full CPU: a
   * load takes a quarter more CPU with two.
   * @default 1, of a read-only file 2
   */
  readonly threads?: number;
  /** How long to wait while another program holds the file, ms. @default 30000 */
  readonly lockWaitMs?: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Interrupts the statement that runs when it aborts. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** An open warehouse file. */
export interface OpenFile {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly connection: DuckDBConnection;
  /** Opens a second connection, for use while the first one's transaction has failed and is not rolled back yet. */
  connect(): Promise<DuckDBConnection>;
  /** Lets DuckDB use more memory. @returns false if it may not have more: it has what this machine allows, or the file is read-only */
  growMemory(): Promise<boolean>;
  close(): void;
}

const LOCK_POLL_MS = 250;
/** Size of one main header and two database headers. A shorter file holds nothing: the process that created it was killed. */
export const EMPTY_FILE_BYTES = 12_288;
/** Files that this process has open; DuckDB's own lock keeps out other processes only. */
const openHere = new Set<string>();

/**
 * Opens the file, waiting while another program holds it.
 * @throws WarehouseBusyError, StorageError; ConfigError if there is no file to read
 */
export async function openDuckdb(settings: DuckdbSettings): Promise<OpenFile> {
  const { lockWaitMs = 30_000, sleep, readOnly = false } = settings;
  const path = await realFile(resolve(settings.path));
  await prepareFile(path, readOnly);
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    const opened = await tryOpen(path, settings);
    if ('connection' in opened) return opened;
    if (waitedMs >= lockWaitMs) {
      const outcome = readOnly ? '' : '; staged, not loaded';
      throw new WarehouseBusyError(
        `warehouse ${path} is held by ${opened.heldBy}${outcome}: close it there and run again`,
      );
    }
    await sleep(LOCK_POLL_MS);
  }
}

/** The file that a symbolic link leads to: a copy that replaced the link would leave the file with erased values where it is. */
function realFile(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function prepareFile(path: string, readOnly: boolean): Promise<void> {
  const size = await stat(path).then(
    (file) => file.size,
    () => undefined,
  );
  if (readOnly && size === undefined)
    throw new ConfigError(`there is no warehouse at ${path} yet; expected a run before a query`);
  if (readOnly) return;
  try {
    await makeFolder(dirname(path));
  } catch (error) {
    throw new StorageError(
      `the folder of warehouse ${path} cannot be created; give this user access to the folder above it`,
      {},
      { cause: error },
    );
  }
}

async function tryOpen(path: string, settings: DuckdbSettings): Promise<OpenFile | { readonly heldBy: string }> {
  if (openHere.has(path)) return { heldBy: 'this program' };
  openHere.add(path);
  try {
    return await openNow(path, settings);
  } catch (error) {
    openHere.delete(path);
    if (isLocked(error)) return { heldBy: holderOf(error) };
    throw asStorageError(error, path) ?? error;
  }
}

async function openNow(path: string, settings: DuckdbSettings): Promise<OpenFile> {
  const instance = await createInstance(path, settings);
  const connection = await instance.connect();
  const heed = interruptedBy(settings.signal, connection);
  const close = () => {
    heed.end();
    // An open connection would keep the file open, and locked.
    connection.closeSync();
    instance.closeSync();
    openHere.delete(path);
  };
  try {
    await connection.run("SET TimeZone = 'UTC'");
    if (settings.readOnly) await forbidOtherFiles(connection);
    else await removeLeftovers(path);
    return { path, connection, connect: () => instance.connect(), growMemory: memoryOf(connection, settings), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** An interruption ends only the statement that runs, so that the next one is interrupted too. */
const INTERRUPT_EVERY_MS = 20;

/** Lets a signal interrupt the statements of a connection, also those that begin after it, until `end` is called. */
export function interruptedBy(
  signal: AbortSignal | undefined,
  connection: Pick<DuckDBConnection, 'interrupt'>,
): { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer ??= setInterval(interrupt, INTERRUPT_EVERY_MS);
  };
  if (signal?.aborted) interrupt();
  else signal?.addEventListener('abort', interrupt);
  return {
    end() {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(timer);
    },
  };
}

/** Keeps a user's query from reading other files and from changing settings. */
export async function forbidOtherFiles(connection: DuckDBConnection): Promise<void> {
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/** Removes what killed processes left beside the file, which may hold health data. Call it only while holding the lock. */
async function removeLeftovers(path: string): Promise<void> {
  await chmod(path, 0o600);
  await chmod(`${path}.wal`, 0o600).catch(ignoreMissing);
  await rm(temporaryFolderOf(path), { recursive: true, force: true });
  for (const copy of [compactCopyOf(path), `${compactCopyOf(path)}.wal`]) await rm(copy, { force: true });
  const folder = dirname(path);
  for (const name of await readdir(folder))
    if (name.startsWith(spillPrefix(path))) await rm(join(folder, name), { recursive: true, force: true });
}

/** Absolute path of a new folder for what a database in memory, to which the file is attached, has no room for. */
export function spillFolderBeside(path: string): string {
  const file = resolve(path);
  return join(dirname(file), `${spillPrefix(file)}${randomBytes(8).toString('hex')}`);
}

function spillPrefix(path: string): string {
  return `~${basename(path)}.`;
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

function temporaryFolderOf(path: string): string {
  return `${path}.tmp`;
}

/** Path of the copy that `compactFile` writes. */
export function compactCopyOf(path: string): string {
  return `${path}.compact`;
}

const GIB = 1024 ** 3;
/** Single values of many megabytes need more than `LOADING_MEMORY`: DuckDB holds those of a transaction in memory until its end. */
const MORE_MEMORY = [1, 4, 16, 64].map((size) => size * GIB);

/** DuckDB's own default. */
const MOST_OF_MACHINE = 0.8;

function memoryOf(connection: DuckDBConnection, { readOnly }: DuckdbSettings): () => Promise<boolean> {
  const most = MOST_OF_MACHINE * Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const sizes = [...MORE_MEMORY.filter((size) => size < most), most];
  return async () => {
    const size = sizes.shift();
    if (readOnly || size === undefined) return false;
    await connection.run(`SET memory_limit = '${Math.floor(size / 1e6)}MB'`);
    return true;
  };
}

/**
 * With what extraction holds in the same process, 384MB exceeded 1 GB with 200,000 calls with transcripts. A load of them has a peak of
 * 106 MiB less with this, and takes no more CPU.
 */
const LOADING_MEMORY = '256MB';

async function createInstance(
  path: string,
  { readOnly, memoryLimit = readOnly ? '1GB' : LOADING_MEMORY, threads = readOnly ? 2 : 1 }: DuckdbSettings,
): Promise<DuckDBInstance> {
  const options = {
    access_mode: readOnly ? 'READ_ONLY' : 'READ_WRITE',
    memory_limit: memoryLimit,
    threads: String(threads),
    preserve_insertion_order: 'false',
    temp_directory: temporaryFolderOf(path),
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  };
  try {
    return await duckdb.DuckDBInstance.create(path, options);
  } catch (error) {
    if (readOnly || isLocked(error) || !(await isUnfinished(path))) throw error;
    await rm(path, { force: true });
    return duckdb.DuckDBInstance.create(path, options);
  }
}

async function isUnfinished(path: string): Promise<boolean> {
  const { size } = await stat(path);
  return size < EMPTY_FILE_BYTES;
}
