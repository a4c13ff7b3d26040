import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownCommand } from '../../../local/console/own-command.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A folder with a data directory, a key, settings and credentials, each with the given mode if it is the one named. */
async function folderWith(name: string, mode: number) {
  const { env } = await demoVendors({ callsPerVendor: 2 });
  const { KALEM_API_TOKEN: token, ...rest } = envOf(env, 'kalem');
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'data'), { mode: 0o700 });
  const files = {
    '.env': `KALEM_API_TOKEN=${token}\n`,
    'callhouse.config.json': '{}',
    'data/hash.key': 'k'.repeat(64),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(cwd, file), text, { mode: 0o600 });
  await chmod(join(cwd, name), mode);
  const act = (...args: string[]) => callhouseHere(args, { cwd, env: rest });
  return { act, path: join(cwd, name), modeOf: async () => (await stat(join(cwd, name))).mode & 0o777 };
}

describe('what other users can change', () => {
  test.each([
    ['data', 0o777],
    ['data/hash.key', 0o602],
    ['.env', 0o606],
    ['callhouse.config.json', 0o646],
  ])('is refused before anything is read: %s', async (name, mode) => {
    const { act, path } = await folderWith(name, mode);
    const { code, stderr } = await act('run');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        `${path} can be changed by other users, who could then decide what a run does; close it with: chmod go-w`,
      ),
    });
  });
});

describe('what other users can read', () => {
  test.each([
    ['data', 0o755, 0o700],
    ['data/hash.key', 0o644, 0o600],
  ])('is closed by a run, which says so: %s', async (name, mode, closed) => {
    const { act, path, modeOf } = await folderWith(name, mode);
    const before = await act('doctor');
    expect(before.stdout).toContain(`✗ access of other users: ${path} can be read or changed by other users`);
    const { code, stderr } = await act('run');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`warning: ${path} could be read by other users`),
    });
    expect(await modeOf()).toBe(closed);
    expect((await act('run')).stderr).not.toContain('other users');
    expect((await act('doctor')).stdout).toContain('✓ access of other users');
  });

  test('is a warning for .env, which doctor --fix closes', async () => {
    const { act, path, modeOf } = await folderWith('.env', 0o644);
    const warning = `${path} can be read by other users, and holds credentials; close it with: ${ownCommand(dirname(path))} doctor --fix`;
    expect(await act('run')).toMatchObject({ code: 0, stderr: expect.stringContaining(`warning: ${warning}`) });
    expect(await act('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining(`! .env: ${warning}`) });
    expect(await modeOf()).toBe(0o644);
    expect(await act('doctor', '--fix')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`✓ closed ${path} to other users`),
    });
    expect(await modeOf()).toBe(0o600);
    expect((await act('run')).stderr).not.toContain('other users');
  });

  test('is closed by doctor --fix also where others could change it', async () => {
    const { act, modeOf } = await folderWith('data', 0o777);
    expect((await act('doctor', '--fix')).stdout).toContain('✓ access of other users');
    expect(await modeOf()).toBe(0o700);
  });
});
