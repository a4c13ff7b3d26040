import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, StorageError } from '../../../functions/errors.ts';
import { makeFolder } from '../../lake/make-folder.ts';

const MARK = '.callhouse-demo';

/**
 * Creates the demo's folder, or empties that of an earlier demo. Any other folder that has files is refused.
 * @throws ConfigError, StorageError
 */
export async function makeDemoFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    const names: string[] = await readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    if (names.length > 0 && !names.includes(MARK)) {
      throw new ConfigError(`${path} has files that no demo created; choose a new folder with --data-dir`);
    }
    for (const name of names) await rm(join(path, name), { recursive: true, force: true });
    await makeFolder(path);
    await writeFile(join(path, MARK), 'Every run of the demo empties this folder.\n');
    return path;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StorageError(`${path} cannot be emptied or created (${code}); choose another folder with --data-dir`);
  }
}
