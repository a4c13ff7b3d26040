import { chmod, chown, readFile } from 'node:fs/promises';
import { ConfigError, StorageError } from '../../functions/errors.ts';

const OWNER_ALONE = 0o600;
const OWNER_AND_GROUP = 0o640;

/**
 * Lets a group read a file that is handed out; without a group, its owner alone.
 * @param group name or number
 * @throws ConfigError if there is no such group; StorageError if this user may not give the file to it
 */
export async function giveToGroup(
  path: string,
  group: string | undefined,
  mode = group ? OWNER_AND_GROUP : OWNER_ALONE,
): Promise<void> {
  if (group !== undefined) {
    const id = await groupId(group);
    await chown(path, -1, id).catch((error: NodeJS.ErrnoException) => {
      throw new StorageError(
        `${path} cannot be given to group ${group} (${error.code ?? 'unknown'}); run as a member of the group`,
      );
    });
  }
  await chmod(path, mode);
}

/** The number of a group. @throws ConfigError if there is no such group */
export async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const lines = await readFile('/etc/group', 'utf8').catch(() => '');
  const id = lines
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === group)?.[2];
  if (id !== undefined) return Number(id);
  throw new ConfigError(`group: /etc/group has no group ${group}; expected a name in it, or the number of a group`);
}
