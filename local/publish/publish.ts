import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { durationMs } from '../../functions/time.ts';
import { viewSettingsOf } from '../../functions/view-settings.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import { folderError } from '../lake/folder-error.ts';
import type { DataDir } from '../settings/data-dir.ts';
import { refuseOwnPath } from '../settings/own-path.ts';
import { copyAll, copyChanges } from './copy-safe.ts';
import type { CopySettings } from './copy-settings.ts';
import { type PublishState, readPublishState, writePublishState } from './publish-state.ts';
import { type SafeSchema, safeSchema } from './safe-schema.ts';
import { logOf, writeCopy } from './write-copy.ts';

/** What is published, and where. */
export interface PublishOptions {
  readonly dir: DataDir;
  readonly settings: CopySettings;
  readonly tables: readonly Table[];
  /** The clock, ms. */
  readonly now: () => number;
  /** Half-written copies that are older, ms since the epoch, are those of killed processes. @default an hour ago */
  readonly deadBefore?: number | undefined;
}

/** The warehouse to publish from: a connection, and the name under which it is attached. */
export interface PublishFrom {
  readonly connection: DuckDBConnection;
  readonly name: string;
}

const EVERY = '15m';
/** Runs of a schedule do not end at the same second: a copy that is this share of the time old may be replaced. */
const JITTER = 0.9;
/** A copy that has grown more than this is made anew, without unused blocks. */
const MOST_GROWTH = 2;

/** Absolute path of the published copy. @throws ConfigError if Callhouse keeps something else there */
export function publishedPath(dir: DataDir, { publish: { path } = {} }: PublishOptions['settings']): string {
  if (path !== undefined) refuseOwnPath('publish.path', path, dir, { isCopy: true });
  return path ?? join(dir.path, 'bi', 'callhouse.duckdb');
}

/** Path of the published copy if it holds what the warehouse holds, in views of these settings. */
export async function currentCopy(options: PublishOptions): Promise<string | undefined> {
  const state = await readPublishState(options.dir);
  const isCurrent = state.changed === 'none' && (await isUntouched(state, schemaOf(options), options));
  return isCurrent ? state.made?.path : undefined;
}

/**
 * True if a run should publish: something changed, and the last copy is old enough, or holds values that were erased since.
 * The copy is written again too if it is missing, or if tables or views are declared otherwise now.
 */
export async function isPublishDue(options: PublishOptions): Promise<boolean> {
  const state = await readPublishState(options.dir);
  if (!(await isUntouched(state, schemaOf(options), options))) return true;
  if (state.changed !== 'some') return state.changed === 'all';
  const every = durationMs(options.settings.publish?.every ?? EVERY);
  return Math.abs(options.now() - (state.made?.at ?? 0)) >= every * JITTER;
}

/**
 * Writes the published copy: `callhouse` alone, without sensitive columns. Only changed rows are copied where the earlier copy is as it was
 * published and no value was erased since. If some were, copies that were published elsewhere before are deleted.
 * @throws StorageError
 */
export async function publish({ connection, name }: PublishFrom, options: PublishOptions): Promise<void> {
  const { dir, settings, now, deadBefore } = options;
  const schema = schemaOf(options);
  const path = publishedPath(dir, settings);
  const state = await readPublishState(dir);
  const warehouse = await identityOf(connection, name);
  const { made: earlier } = state;
  const keepsEarlier =
    state.changed === 'some' &&
    earlier?.warehouse === warehouse &&
    earlier.size <= MOST_GROWTH * earlier.sizeAnew &&
    (await isUntouched(state, schema, options));
  const copy = keepsEarlier ? copyChanges : copyAll;
  const writing = { path, group: settings.group, keepsEarlier, deadBefore };
  await writeCopy(connection, writing, () => copy(connection, name, schema));
  const { size, mtimeMs } = await stat(path);
  const sizeAnew = keepsEarlier ? earlier.sizeAnew : size;
  const made = { warehouse, shape: schema.hash, path, size, sizeAnew, mtimeMs, at: now() };
  const elsewhere = [...(state.elsewhere ?? []), ...(earlier ? [earlier] : [])].filter((one) => one.path !== path);
  if (state.changed === 'all') for (const one of elsewhere) await deleteCopy(one);
  const kept = state.changed === 'all' ? [] : elsewhere.map(fileOf);
  await writePublishState(dir, { ...state, changed: 'none', made, elsewhere: kept.length > 0 ? kept : undefined });
}

/** A file that was published. */
type PublishedFile = NonNullable<PublishState['elsewhere']>[number];

function fileOf({ path, size, mtimeMs }: PublishedFile): PublishedFile {
  return { path, size, mtimeMs };
}

/** Deletes a copy that was published, unless somebody has changed it since: then it is theirs. @throws StorageError */
async function deleteCopy(file: PublishedFile): Promise<void> {
  if (!(await isSameFile(file))) return;
  await rm(file.path, { force: true }).catch((error: unknown) => {
    throw folderError(dirname(file.path), 'write', error);
  });
}

/** True if the file is the one that was published last, and was made from the same declarations. */
async function isUntouched(
  { made }: PublishState,
  { hash }: SafeSchema,
  { dir, settings }: PublishOptions,
): Promise<boolean> {
  const path = publishedPath(dir, settings);
  if (made?.path !== path || made.shape !== hash) return false;
  // DuckDB would apply the log that another program has left beside the copy to whatever copy is there.
  return !existsSync(logOf(path)) && isSameFile(made);
}

async function isSameFile({ path, size, mtimeMs }: PublishedFile): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  return file?.size === size && file.mtimeMs === mtimeMs;
}

async function identityOf(connection: DuckDBConnection, name: string): Promise<string> {
  const table = `${quoteName(name)}.${quoteName(DATABASES.staging)}."_warehouse"`;
  const [row] = await (await connection.run(`SELECT id FROM ${table}`)).getRows();
  return String(row?.[0]);
}

function schemaOf({ tables, settings }: PublishOptions): SafeSchema {
  return safeSchema(tables, viewSettingsOf(settings));
}
