import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownCommand } from '../../../local/console/own-command.ts';
import { builtCli } from '../../helpers/built-cli.ts';
import { callhouse, startProgram } from '../../helpers/callhouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const PACKAGE = '{ "name": "callhouse", "bin": { "callhouse": "dist/local/cli.js" } }';

/** A checkout with its built command, a second one, and a project that has it installed. */
async function folders() {
  const root = await temporaryFolder();
  for (const name of ['checkout', 'other', 'my $project']) {
    await mkdir(join(root, name, 'dist', 'local'), { recursive: true });
    await mkdir(join(root, name, 'docs'), { recursive: true });
    await writeFile(join(root, name, 'package.json'), name.startsWith('my') ? '{}' : PACKAGE);
    await writeFile(join(root, name, 'dist', 'local', 'cli.js'), '');
  }
  const cli = join(root, 'checkout', 'dist', 'local', 'cli.js');
  await mkdir(join(root, 'my $project', 'node_modules', '.bin'), { recursive: true });
  await mkdir(join(root, 'checkout', 'docs', 'inner', 'node_modules'), { recursive: true });
  await mkdir(join(root, 'bin'));
  for (const place of [['my $project', 'node_modules', '.bin'], ['bin']]) {
    await symlink(cli, join(root, ...place, 'callhouse'));
  }
  return { root, cli };
}

describe('ownCommand', () => {
  test.each([
    ['the checkout', 'checkout', true],
    ['a folder of the checkout', 'checkout/docs', true],
    ['a project that has it installed', 'my $project/docs', true],
    ['another checkout', 'other', false],
    ['a package inside the checkout', 'checkout/docs/inner', false],
    ['a folder beside', '.', false],
    ['a folder that is gone', 'gone', false],
  ])('in %s: npx finds this program %s', async (_, cwd, isFound) => {
    const { root, cli } = await folders();
    const start = { cli, file: cli, path: '' };
    expect(ownCommand(join(root, cwd), start)).toBe(isFound ? 'npx callhouse' : `node ${cli}`);
  });

  test('is the plain name if the shell finds this program by it', async () => {
    const { root, cli } = await folders();
    const path = `/usr/bin:${join(root, 'bin')}`;
    expect(ownCommand(root, { cli, file: join(root, 'bin', 'callhouse'), path })).toBe('callhouse');
    expect(ownCommand(root, { cli, file: join(root, 'bin', 'callhouse'), path: '/usr/bin' })).toBe(`node ${cli}`);
    const passing = join(root, 'my $project', 'node_modules', '.bin');
    expect(ownCommand(root, { cli, file: join(passing, 'callhouse'), path: passing })).toBe(`node ${cli}`);
  });

  test('is one word to a shell, whatever the path holds', async () => {
    const cli = "/a b/it's $HOME/cli.js";
    const { stdout } = await startProgram('sh', ['-c', `printf %s ${ownCommand('/', { cli }).slice(5)}`], {}).ended;
    expect(stdout).toBe(cli);
  });
});

test('a hint printed outside the checkout never uses npx, and works as printed', async () => {
  const cwd = await temporaryFolder();
  await chmod(cwd, 0o755);
  const cli = await builtCli();
  const said = await Promise.all(
    [['run'], ['status'], ['status', '--check'], ['query', 'select 1']].map((args) => callhouse(args, { cwd })),
  );
  const texts = said.map(({ stdout, stderr }) => stdout + stderr);
  for (const text of texts) {
    expect(text).not.toContain('npx');
    expect(text).toContain(`node ${cli} `);
  }
  const printed = /begin with: (.*)$/m.exec(texts[1] ?? '')?.[1] ?? '';
  const again = await startProgram('sh', ['-c', printed], { cwd }).ended;
  expect(again.stderr).toMatch(/^callhouse: no source is configured/);
});

test('no other file of the product names npx', async () => {
  const naming: string[] = [];
  for (const layer of ['schemas', 'functions', 'local', 'infra']) {
    const root = fileURLToPath(new URL(`../../../${layer}`, import.meta.url));
    for (const name of await readdir(root, { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const code = (await readFile(join(root, name), 'utf8')).replace(/^\s*(\/?\*|\/\/).*$/gm, '');
      if (/\bnpx\b/.test(code)) naming.push(`${layer}/${name}`);
    }
  }
  expect(naming).toEqual(['local/console/own-command.ts']);
});
