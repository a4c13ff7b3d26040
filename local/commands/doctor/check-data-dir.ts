import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '../../../functions/errors.ts';
import type { Source } from '../../../functions/source/source.ts';
import { openStore } from '../../lake/open-store.ts';
import { type DataDir, isBucket, isDataDir } from '../../settings/data-dir.ts';
import type { Environment } from '../../settings/env-secrets.ts';
import { checkStoredHashKey, hashKeyStores } from '../../settings/hash-key.ts';
import { isBoundToLake } from '../../warehouse/lake-binding.ts';
import { hasWarehouse, warehouseIn } from '../../warehouse/warehouse.ts';
import type { Held } from '../confirm-removals/describe-held.ts';
import { lookInto } from '../status/loaded-up-to.ts';
import { type Check, checked } from './check.ts';
import { checkHeldRemovals } from './check-held-removals.ts';
import { checkLogs } from './check-logs.ts';
import { describeHiddenTexts } from './note-hidden-texts.ts';

/** Below this a first load may fill the disk. */
const MIN_FREE_BYTES = 1_000_000_000;
/** `doctor` should answer at once, even if another program holds the warehouse. */
const LOCK_WAIT_MS = 500;

/** What the check of a data directory needs to know. */
interface DataDirOptions {
  readonly sources: readonly Source[];
  /** Says how many removals of a stream are held, and what to do. */
  readonly describe: (held: Held) => string;
}

/** Checks data directory, hash key, hidden texts, commits, held removals, warehouse and disk. Creates nothing. */
export async function checkDataDir(
  dir: DataDir,
  env: Environment,
  { sources, describe }: DataDirOptions,
): Promise<readonly Check[]> {
  const usable = await checked(`data directory ${dir.path}`, () => checkWritable(dir));
  const lake = isBucket(dir.lake) ? [await checked(`lake ${dir.lake}`, () => readLake(dir))] : [];
  if (!usable.ok) return [usable, ...lake];
  return [
    usable,
    ...lake,
    ...(isBucket(dir.lake) ? [] : [await checked('hash key', () => checkHashKey(dir, env))]),
    await noteHidden(dir, sources),
    await checked('commit logs', () => checkCommits(dir, env, sources)),
    await checked('held removals', async () => checkHeldRemovals(await openStore(dir), describe)),
    ...(hasWarehouse(dir) ? [await checked(`warehouse ${dir.warehouse}`, () => openWarehouse(dir, env))] : []),
    await checked('disk space', () => checkSpace(dir)),
  ];
}

/** Hidden texts are no fault: the check is passed, and says which there are. */
async function noteHidden(dir: DataDir, sources: readonly Source[]): Promise<Check> {
  let note = '';
  const check = await checked('texts that callhouse does not show', async () => {
    note = await describeHiddenTexts(await openStore(dir), sources);
  });
  return note === '' ? check : { ...check, note };
}

/** The first run creates a missing directory, so the nearest existing folder above it must be writable. */
async function checkWritable(dir: DataDir): Promise<void> {
  const folder = (await isDataDir(dir)) ? dir.path : await nearestFolder(dir.path);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw new StorageError(`${folder} cannot be written (${error.code}); give this user access to it`);
  });
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found ? path : nearestFolder(dirname(path));
}

async function readLake(dir: DataDir): Promise<void> {
  const store = await openStore(dir);
  for await (const _ of store.list('commits/')) return;
}

async function checkHashKey(dir: DataDir, env: Environment): Promise<void> {
  await checkStoredHashKey(hashKeyStores(dir, await openStore(dir)), env);
}

/** A warehouse that cannot be opened fails a check of its own. */
async function checkCommits(dir: DataDir, env: Environment, sources: readonly Source[]): Promise<void> {
  const store = await openStore(dir);
  await checkLogs(store, async (ids) => {
    if (!hasWarehouse(dir) || !(await isBoundToLake(dir))) return {};
    return lookInto(warehouseIn({ dir, env, readOnly: true, lockWaitMs: LOCK_WAIT_MS }), { store, sources }, ids);
  });
}

async function openWarehouse(dir: DataDir, env: Environment): Promise<void> {
  const engine = warehouseIn({ dir, env, readOnly: true, lockWaitMs: LOCK_WAIT_MS });
  try {
    await engine.query('SELECT 1');
  } finally {
    await engine.close();
  }
}

async function checkSpace({ path }: DataDir): Promise<void> {
  const { bavail, bsize } = await statfs(await nearestFolder(path));
  const free = bavail * bsize;
  if (free >= MIN_FREE_BYTES) return;
  throw new StorageError(
    `the disk of ${path} has ${Math.floor(free / 1e6)} MB free; expected at least 1 GB, so free some space`,
  );
}
