import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SETTINGS = { compilerOptions: { module: 'nodenext', types: [], lib: ['es5'], rootDir: '.' }, include: ['local'] };

/** A checkout of one file, and its `npm run build`. */
async function smallCheckout() {
  const root = await temporaryFolder();
  await mkdir(join(root, 'local'));
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'tsconfig.build.json'), JSON.stringify(SETTINGS));
  const build = async (code: string) => {
    await writeFile(join(root, 'local/cli.ts'), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: root });
    return { status, said: `${stdout}${stderr}` };
  };
  const program = join(root, 'dist/local/cli.js');
  const isExecutable = async () => ((await stat(program)).mode & 0o111) !== 0;
  return { root, build, isExecutable, text: () => readFile(program, 'utf8') };
}

test('a build makes a program that can be called, and a type error afterwards leaves it as it was', async () => {
  const { root, build, isExecutable, text } = await smallCheckout();
  expect(await build('export const first: number = 1;')).toEqual({ status: 0, said: '' });
  expect(await isExecutable()).toBe(true);
  const failed = await build("export const second: number = 'two';");
  expect(failed.status).toBe(2);
  expect(failed.said).toContain('local/cli.ts(1,14): error TS2322');
  expect(failed.said).toContain('build: nothing was built because of these errors; an earlier build stays as it was');
  expect(await isExecutable()).toBe(true);
  expect(await text()).toContain('first');
  expect((await readdir(root)).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
});
