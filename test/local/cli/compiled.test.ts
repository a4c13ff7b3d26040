import { cp, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { startProgram } from '../../helpers/callhouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A copy of the program that has not run yet. */
async function newProgram() {
  const root = await temporaryFolder();
  const isCode = (path: string) => !path.includes('.compiled');
  await cp(dirname(dirname(await builtCli())), join(root, 'dist'), { recursive: true, filter: isCode });
  await cp(join(ROOT, 'package.json'), join(root, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const run = () => startProgram(process.execPath, [join(root, 'dist/local/cli.js'), '--version'], { cwd: root }).ended;
  return { folder: join(root, 'dist/.compiled'), run };
}

test.runIf('enableCompileCache' in module)(
  'compiled code is kept beside the program, for its owner alone',
  async () => {
    const { folder, run } = await newProgram();
    const first = await run();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const kept = files.filter((file) => file.isFile());
    expect(kept.length).toBeGreaterThan(10);
    for (const { parentPath, name } of kept) await writeFile(join(parentPath, name), 'damaged');
    expect(await run()).toEqual(first);
  },
);

test.skipIf('enableCompileCache' in module)('an earlier Node keeps no compiled code', async () => {
  const { folder, run } = await newProgram();
  expect(await run()).toMatchObject({ code: 0, stderr: '' });
  await expect(stat(folder)).rejects.toThrow('ENOENT');
});
