import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readQuestions } from '../../../functions/questions.ts';
import { queryCopy } from '../../../local/publish/query-copy.ts';
import { builtCli } from '../../helpers/built-cli.ts';
import { startProgram } from '../../helpers/callhouse.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { type Asked, questionsPage } from '../../helpers/questions-page.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Needs an account of AWS, or a crontab. */
const ELSEWHERE = /^(\S+ \S+ \* \* \*|aws |npx cdk |npx callhouse .*--(aws|athena)\b)/;

/** Lines of the README's code blocks that are commands, from `npm start` on, by heading. */
function commandsAfterStart(readme: string): readonly { readonly heading: string; readonly line: string }[] {
  const [, after = ''] = readme.split(/^npm start\n```$/m);
  return `## demo\n${after}`.split(/^## /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    const blocks = [...section.matchAll(/^```\n([^`]*)^```$/gm)].map(([, block = '']) => block);
    return blocks.flatMap((block) => block.split('\n').filter(Boolean)).map((line) => ({ heading, line }));
  });
}

/** What `npm ci` makes of a checkout, as far as its commands need it; `npx` runs the package's own command, and no other. */
async function checkout(): Promise<string> {
  const folder = await temporaryFolder();
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(dirname(dirname(await builtCli())), join(folder, 'dist'));
  // The real npx would install what is missing beside package.json first.
  const npx = `#!/bin/sh\n[ "$1" = callhouse ] || exit 99\nshift\nexec node ${join(folder, 'dist', 'local', 'cli.js')} "$@"\n`;
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'npx'), npx, { mode: 0o755 });
  return folder;
}

test('after npm start every command of the README works as printed, in the same folder', {
  timeout: 300_000,
}, async () => {
  const commands = commandsAfterStart(await readFile(join(ROOT, 'README.md'), 'utf8'));
  const here = commands.filter(({ line }) => !ELSEWHERE.test(line));
  expect(here.map(({ line }) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'npx callhouse query',
    'npx callhouse status',
    ...['run', 'query', 'status', 'doctor', 'backfill'].map((name) => `npx callhouse ${name}`),
  ]);

  const cwd = await checkout();
  const path = `${join(cwd, 'bin')}:${process.env['PATH']}`;
  const sh = (line: string, env = {}) =>
    startProgram('sh', ['-c', line], { cwd, env: { HOME: cwd, PATH: path, ...env } }).ended;
  const started = await sh('npm start');
  expect(started).toMatchObject({ code: 0, stderr: expect.not.stringContaining('callhouse') });
  for (const shown of [
    /^zudu_calls +\d{3}/m,
    /^kismet +\d{3}/m,
    /rows? marked removed/,
    /^Report: .\/data\/demo\/report.html$/m,
  ])
    expect(started.stdout).toMatch(shown);
  expect(await readFile(join(cwd, 'data', 'demo', 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);

  const { env } = await demoVendors();
  for (const { heading, line } of here) {
    const { code, stdout, stderr } = await sh(line, heading === 'demo' ? {} : env);
    expect({ line, code, stderr }).toMatchObject({ line, code: 0 });
    expect(stdout.split('\n').length, line).toBeGreaterThan(3);
    expect(`${stdout}${stderr}`, line).not.toMatch(/callhouse: |never|✗/);
  }

  // The book shows what a user of the demo is answered; if not, run this file with -u.
  const copy = join(cwd, 'data', 'demo', 'bi', 'callhouse.duckdb');
  const asked: Asked[] = [];
  for (const question of readQuestions()) asked.push({ question, answer: await queryCopy(copy, question.sql) });
  await expect(questionsPage(asked)).toMatchFileSnapshot('../../../docs/questions.md');

  // And so does what the demo itself prints last.
  const [, next = ''] = started.stdout.split('What to try next\n');
  const printed = next.split('\n').filter((line) => line.includes('callhouse ') && !line.includes('.env'));
  expect(printed).toHaveLength(2);
  for (const line of printed) expect(await sh(line), line).toMatchObject({ code: 0, stderr: '' });
});
