import { statSync } from 'node:fs';
import { CallhouseError } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import type { Shell } from '../../console/shell.ts';
import { currentCopy, publishedPath } from '../../publish/publish.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';

/**
 * The path of the published copy, which is brought up to date first. If a load or a program holds the warehouse, an earlier copy is used,
 * and standard error says of when it is.
 * @throws WarehouseBusyError, StorageError if there is no copy at all and none can be made
 */
export async function openSafeCopy(
  dir: DataDir,
  sources: readonly StoredSource[],
  options: Options,
  shell: Shell,
): Promise<string> {
  const current = await currentCopy(dir);
  if (current !== undefined) return current;
  const settings = await readConfigFile(readText(options, 'config'), shell.cwd);
  const request = { dir, settings, tables: tablesOf(sources), now: Date.now };
  const path = publishedPath(dir, settings);
  try {
    await publishFromFile(request);
  } catch (error) {
    const file = statSync(path, { throwIfNoEntry: false });
    if (!(error instanceof CallhouseError) || !file) throw error;
    shell.err.write(
      `callhouse: as of ${file.mtime.toISOString().slice(0, 16)}Z: what was loaded since cannot be shown now\n`,
    );
  }
  return path;
}
