import { type Stats, statSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { ConfigError } from '../../functions/errors.ts';

/** What users other than the owner may do with a file or folder. */
export interface OthersAccess {
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** True if this user may close it. */
  readonly isOurs: boolean;
}

const READ = 0o055;

/** What others may do; undefined if there is no such file, or the system has no such modes. */
export function othersAccess(path: string): OthersAccess | undefined {
  if (process.platform === 'win32') return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  return found && accessOf(found);
}

function accessOf({ mode, uid, gid }: Stats): OthersAccess {
  // Many systems give each user a group of their own, with the same number.
  const isPrivateGroup = uid === gid;
  const canWrite = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !isPrivateGroup);
  return { canRead: (mode & READ) !== 0, canWrite, isOurs: uid === process.getuid?.() };
}

/**
 * Refuses a file that others can change: it decides what a run does.
 * @throws ConfigError that names the file and the remedy
 */
export function refuseWritable(path: string): void {
  if (!othersAccess(path)?.canWrite) return;
  throw new ConfigError(
    `${path} can be changed by other users, who could then decide what a run does; close it with: chmod go-w ${path}`,
  );
}

/** Takes all access from others. @returns true if they had any and it could be taken */
export async function closeToOthers(path: string): Promise<boolean> {
  const access = othersAccess(path);
  if (!(access?.canRead || access?.canWrite) || !access.isOurs) return false;
  await chmod(path, (await stat(path)).mode & 0o700);
  return true;
}
