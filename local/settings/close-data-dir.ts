import { join } from 'node:path';
import type { Log } from '../../functions/ports.ts';
import type { DataDir } from './data-dir.ts';
import { closeToOthers, othersAccess, refuseWritable } from './file-modes.ts';

/** What must be closed to other users: the folder with health data, and the key of the hashes. */
export function privatePaths({ path }: DataDir): readonly string[] {
  return [path, join(path, 'hash.key')];
}

/**
 * Closes the data directory and the hash key to other users, and says so. Someone else may have created the directory beforehand.
 * @throws ConfigError if others can change them: what is there may not be ours
 */
export async function closeDataDir(dir: DataDir, log: Log): Promise<void> {
  for (const path of privatePaths(dir)) {
    refuseWritable(path);
    if (!othersAccess(path)?.canRead) continue;
    const isClosed = await closeToOthers(path);
    const outcome = isClosed
      ? 'could be read by other users, and is now closed to them'
      : 'can be read by other users and belongs to another one, who can close it: chmod go-rwx';
    log('warn', `${path} ${outcome}`);
  }
}
