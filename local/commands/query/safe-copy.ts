import { statSync } from 'node:fs';
import { CallhouseError } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import type { Shell } from '../../console/shell.ts';
import { areEqual, type CopySettings } from '../../publish/copy-settings.ts';
import { currentCopy, publishedPath } from '../../publish/publish.ts';
import { readPublishState } from '../../publish/publish-state.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';

/**
 * The path of the published copy, which is brought up to date first and shaped by {@link readCopySettings}. If a load or a program
 * holds the warehouse, an earlier copy is used, and standard error says of when it is.
 * @throws WarehouseBusyError, StorageError if there is no copy at all and none can be made
 */
export async function openSafeCopy(
  dir: DataDir,
  sources: readonly StoredSource[],
  options: Options,
  shell: Shell,
): Promise<string> {
  const settings = await readCopySettings(dir, options, shell);
  const request = { dir, settings, tables: tablesOf(sources), now: Date.now };
  const current = await currentCopy(request);
  if (current !== undefined) return current;
  const path = publishedPath(dir, settings);
  try {
    await publishFromFile(request);
  } catch (error) {
    const file = statSync(path, { throwIfNoEntry: false });
    if (!(error instanceof CallhouseError) || !file) throw error;
    shell.err.write(
      `callhouse: as of ${file.mtime.toISOString().slice(0, 16)}Z: what was loaded since, or set otherwise, cannot be shown now\n`,
    );
  }
  return path;
}

/**
 * Settings by which a data directory is shown: those of `--config`, else those of its last load, wherever their file is, so that a
 * question has one answer. Before a load of this version, those of the folder.
 */
export async function readCopySettings(dir: DataDir, options: Options, { cwd }: Shell): Promise<CopySettings> {
  const named = readText(options, 'config');
  const { settings } = named === undefined ? await readPublishState(dir) : {};
  return settings ?? readConfigFile(named, cwd);
}

/** Says so if the views of the warehouse, which only a load makes anew, have other settings than those of `--config`. */
export async function tellOtherSettings(dir: DataDir, options: Options, shell: Shell): Promise<void> {
  const named = readText(options, 'config');
  if (named === undefined) return;
  const { settings } = await readPublishState(dir);
  if (!settings || areEqual(settings, await readConfigFile(named, shell.cwd))) return;
  shell.err.write(
    `callhouse: with --phi, views are those of the last load, whose settings differ from ${named}; a run with --config ${named} makes them anew\n`,
  );
}
