import { readFile, writeFile } from 'node:fs/promises';
import { ConfigError } from '../../functions/errors.ts';
import { folderError, isMissing } from '../lake/folder-error.ts';
import { type DataDir, isBucket } from '../settings/data-dir.ts';
import { hasWarehouse } from './warehouse.ts';

/**
 * Binds a DuckDB file to one lake. Each lake numbers its commits independently, so loading two lakes into one file would skip rows.
 * @throws ConfigError if the file belongs to another lake
 */
export async function bindToLake(dir: DataDir): Promise<void> {
  if (await isBoundToLake(dir)) return;
  const held = await readMark(dir);
  if (held !== undefined || hasWarehouse(dir)) {
    throw new ConfigError(
      `warehouse ${dir.warehouse} belongs to ${held ?? 'the lake in its own folder'}; name another file with --warehouse, or another folder with --data-dir`,
    );
  }
  await writeFile(markOf(dir), `${dir.lake}\n`, { mode: 0o600 }).catch((error: unknown) => {
    throw folderError(dir.path, 'write', error);
  });
}

/** True if the warehouse file was loaded from this lake. A file without a mark belongs to the lake in its own folder. */
export async function isBoundToLake(dir: DataDir): Promise<boolean> {
  const held = await readMark(dir);
  return held === dir.lake || (held === undefined && !isBucket(dir.lake));
}

function markOf({ warehouse }: DataDir): string {
  return `${warehouse}.lake`;
}

async function readMark(dir: DataDir): Promise<string | undefined> {
  try {
    return (await readFile(markOf(dir), 'utf8')).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw folderError(dir.path, 'read', error);
  }
}
