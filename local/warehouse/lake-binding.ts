import { readFile, writeFile } from 'node:fs/promises';
import { ConfigError } from '../../functions/errors.ts';
import { folderError, isMissing } from '../lake/folder-error.ts';
import { type DataDir, isBucket } from '../settings/data-dir.ts';
import { hasWarehouse } from './warehouse.ts';

/**
 * Holds a warehouse file to one lake: two number their commits each by itself, and would pass over each other's rows.
 * @throws ConfigError where the file is that of another lake
 */
export async function bindToLake(dir: DataDir): Promise<void> {
  if (await isBoundToLake(dir)) return;
  const held = await readMark(dir);
  if (held !== undefined || hasWarehouse(dir)) {
    throw new ConfigError(
      `warehouse ${dir.warehouse} is that of ${held ?? 'the folder it lies in'}; name another file with --warehouse, or another folder with --data-dir`,
    );
  }
  await writeFile(markOf(dir), `${dir.lake}\n`, { mode: 0o600 }).catch((error: unknown) => {
    throw folderError(dir.path, 'write', error);
  });
}

/** True where the warehouse file was loaded from this lake; one in a folder carries a mark only if it was not. */
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
