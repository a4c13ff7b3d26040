import { readFile, writeFile } from 'node:fs/promises';
import { ConfigError } from '../functions/errors.ts';
import { type DataDir, isBucket } from './data-dir.ts';
import { folderError, isMissing } from './folder-error.ts';
import { hasWarehouse } from './warehouse.ts';

/**
 * Holds a warehouse file to one lake: two number their commits each by itself, and would pass over each other's rows.
 * @throws ConfigError where the file is that of another lake
 */
export async function holdToLake(dir: DataDir): Promise<void> {
  const mark = `${dir.warehouse}.lake`;
  const held = await readMark(dir, mark);
  if (held === dir.lake || (held === undefined && !isBucket(dir.lake))) return;
  if (held !== undefined || hasWarehouse(dir)) {
    throw new ConfigError(
      `warehouse ${dir.warehouse} is that of ${held ?? 'the folder it lies in'}; name another file with --warehouse, or another folder with --data-dir`,
    );
  }
  await writeFile(mark, `${dir.lake}\n`, { mode: 0o600 }).catch((error: unknown) => {
    throw folderError(dir.path, 'write', error);
  });
}

async function readMark({ path }: DataDir, mark: string): Promise<string | undefined> {
  try {
    return (await readFile(mark, 'utf8')).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw folderError(path, 'read', error);
  }
}
