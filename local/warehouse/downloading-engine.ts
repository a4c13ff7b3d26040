import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError } from '../../functions/errors.ts';
import type { StagedFile, Store } from '../../functions/ports.ts';
import { folderError } from '../lake/folder-error.ts';
import { makeFolder } from '../lake/make-folder.ts';
import type { DuckdbEngine } from './duckdb-engine.ts';

const AT_ONCE = 4;

/**
 * A warehouse that loads from a bucket: it downloads the staged files of each merge into `folder` and deletes the folder afterwards.
 * No second loader can use the folder, because only one process can open the warehouse.
 */
export function downloadingEngine(engine: DuckdbEngine, store: Store, folder: string): DuckdbEngine {
  return {
    ...engine,
    async stage(table, files) {
      try {
        await rm(folder, { recursive: true, force: true });
        for (let at = 0; at < files.length; at += AT_ONCE) {
          await Promise.all(files.slice(at, at + AT_ONCE).map((file) => download(file, store, folder)));
        }
      } catch (error) {
        throw folderError(folder, 'write', error);
      }
      await engine.stage(table, files);
    },
    async close() {
      try {
        await engine.close();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function download({ key }: StagedFile, store: Store, folder: string): Promise<void> {
  const body = await store.get(key);
  if (!body) {
    throw new StorageError(
      `staged file ${key} is not in ${store.name}; restore it from a backup, or have its stream read again (docs/operations.md)`,
    );
  }
  const path = join(folder, key);
  await makeFolder(dirname(path));
  await writeFile(path, body, { mode: 0o600 });
}
