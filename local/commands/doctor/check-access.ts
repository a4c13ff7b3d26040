import { join } from 'node:path';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { privatePaths } from '../../settings/close-data-dir.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import { describeReadableDotenv } from '../../settings/dotenv.ts';
import { closeToOthers, othersAccess } from '../../settings/file-modes.ts';
import type { Check } from './check.ts';

/** Checks that other users can neither read nor change what is private. A readable `.env` is only a warning, because a run works with it. */
export function checkAccess(dir: DataDir, { cwd }: Shell): readonly Check[] {
  const open = privatePaths(dir).filter((path) => {
    const access = othersAccess(path);
    return access?.canRead || access?.canWrite;
  });
  const remedy = `${open.join(' and ')} can be read or changed by other users; close with: ${ownCommand(cwd)} doctor --fix`;
  const warning = describeReadableDotenv(cwd);
  return [
    { check: 'access of other users', ok: open.length === 0, ...(open.length > 0 ? { remedy } : {}) },
    ...(warning === undefined ? [] : [{ check: '.env', ok: true, remedy: warning }]),
  ];
}

/** Closes what is private to other users. @returns a line for each path that was open and is ours */
export async function closeAll(dir: DataDir, { cwd }: Shell): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const path of [...privatePaths(dir), join(cwd, '.env')])
    if (await closeToOthers(path)) checks.push({ check: `closed ${path} to other users`, ok: true });
  return checks;
}
