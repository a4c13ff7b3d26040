import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { describeOldNode, LEAST_NODE } from '../../local/node-version.ts';
import { builtCli } from '../helpers/built-cli.ts';
import { startProgram } from '../helpers/callhouse.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CHECK = fileURLToPath(new URL('../../scripts/check-node.cjs', import.meta.url));
const LINE = (version: string) =>
  `callhouse: Node ${version} is too old; expected Node 20.19 or later: install a newer Node, then run this again\n`;

/** Runs a file as if by a Node of this version. */
async function runAs(version: string, file: string, args: readonly string[]) {
  const preload = join(await temporaryFolder(), 'version.cjs');
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  await writeFile(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  return startProgram(process.execPath, ['--require', preload, file, ...args], {}).ended;
}

describe('the Node that runs the command line', () => {
  test.each([
    ['4.9.1', true],
    ['16.20.2', true],
    ['18.20.8', true],
    ['20.9.0', true],
    ['20.18.3', true],
    ['20.19.0', false],
    ['20.20.2', false],
    ['21.0.0', false],
    ['22.0.0-nightly', false],
    ['100.1.0', false],
  ])('%s is too old: %s', (version, isOld) => {
    expect(describeOldNode(version) !== undefined).toBe(isOld);
  });

  test('equals the engines of package.json', async () => {
    const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(engines.node).toBe(`>=${LEAST_NODE}`);
  });

  test.each([['doctor'], ['run'], ['start'], ['--version']])(
    'too old, %s ends with 2 and one line, and so does npm test',
    async (...args) => {
      const cli = await builtCli();
      expect(await runAs('18.20.8', cli, args)).toEqual({ code: 2, stdout: '', stderr: LINE('18.20.8') });
      expect(await runAs('18.20.8', CHECK, [])).toEqual({ code: 2, stdout: '', stderr: LINE('18.20.8') });
      expect(await runAs('20.19.0', CHECK, [])).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );
});

test.each(['cli.js', 'node-version.js', CHECK])('%s parses on Node 12', async (name) => {
  const code = await readFile(name === CHECK ? CHECK : (await builtCli()).replace('cli.js', name), 'utf8');
  const options = { loader: 'js', supported: { 'dynamic-import': true } } as const;
  const [old, now] = await Promise.all(
    ['node12.22', 'esnext'].map((target) => transform(code, { ...options, target })),
  );
  expect(old?.code).toBe(now?.code);
  // What is imported before the check must parse there too.
  const imported = [...code.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
  expect(imported).toEqual(name === 'cli.js' ? ['./node-version.js'] : []);
});
