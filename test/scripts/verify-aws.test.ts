import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const run = promisify(execFile);
const SCRIPT = 'scripts/verify-aws.sh';

/** Runs the script with an `aws` that notes its arguments and gives the answer of the first part that they contain. */
async function verify(args: readonly string[], answers: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder();
  const cases = Object.entries(answers).map(([part, answer]) => `*'${part}'*) echo '${answer}' ;;`);
  const aws = `#!/usr/bin/env bash\necho "$*" >> '${folder}/calls'\ncase "$*" in\n${cases.join('\n')}\nesac\n`;
  await writeFile(join(folder, 'aws'), aws);
  await chmod(join(folder, 'aws'), 0o755);
  const PATH = `${folder}:${process.env['PATH']}`;
  const ended = await run('bash', [SCRIPT, ...args], { env: { PATH } }).catch((error) => error);
  const calls = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
  return { code: ended.code ?? 0, out: `${ended.stdout}${ended.stderr}`, calls: calls.split('\n').filter(Boolean) };
}

describe('scripts/verify-aws.sh', () => {
  test('has a row in docs/verify-on-aws.md for each check, in the same order', async () => {
    const { out } = await verify(['--list']);
    const rows = [...(await readFile('docs/verify-on-aws.md', 'utf8')).matchAll(/^\| `([a-z-]+)` \|/gm)];
    expect(rows.map(([, name]) => name)).toEqual(out.trim().split('\n'));
  });

  test('only reads unless it is told to change something', async () => {
    const { out, calls } = await verify([], { 'describe-stacks': 'CREATE_COMPLETE UPDATE_COMPLETE CREATE_COMPLETE' });
    expect(out).toContain('ok deployed: CREATE_COMPLETE');
    expect(out.match(/^SKIPPED /gm)).toHaveLength(4);
    const verbs = new Set(calls.map((call) => call.split(' ')[1]));
    // The one query is a SELECT.
    expect([...verbs].filter((verb) => !/^(get|list|describe|batch-get)-/.test(verb ?? ''))).toEqual([
      'start-query-execution',
    ]);
    expect(calls.filter((call) => call.includes('--query-string')).join()).toMatch(/--query-string SELECT /);
  });

  test('ends with 1 where something is not as expected, and says what it saw', async () => {
    const { code, out } = await verify(['--stage', 'dev', 'deployed'], { 'describe-stacks': 'CREATE_FAILED' });
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('FAILED deployed: expected three stacks') });
  });

  test('fails if the maintenance leaves more than 10 versions', async () => {
    const { code, out } = await verify(['--change', 'versions'], { 'get-table-versions': '11' });
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringContaining('FAILED versions: 11 after the maintenance'),
    });
  });

  test('refuses a check that it does not have', async () => {
    expect(await verify(['nothing'])).toMatchObject({
      code: 2,
      out: expect.stringContaining('there is no check nothing'),
    });
  });
});
