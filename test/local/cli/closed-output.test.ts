import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { startProgram } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HAS_FULL_DEVICE = existsSync('/dev/full');

/** Runs a command line of the shell, in which `callhouse` is the built command; prints the command's own exit code. */
async function inShell(line: string, env: Readonly<Record<string, string>>): Promise<string> {
  const callhouse = `callhouse() { ${process.execPath} ${await builtCli()} "$@"; echo "ended $?" >&3; }`;
  const { stdout } = await startProgram('sh', ['-c', `exec 3>&1; ${callhouse}; ${line}`], { env }).ended;
  return /^ended (.*)$/m.exec(stdout)?.[1] ?? 'never';
}

const kalemAlone = async () => envOf((await demoVendors({ callsPerVendor: 5 })).env, 'kalem');

const countCalls = async (data: string) =>
  (await callhouseHere(['query', 'select count(*) from kalem_calls', '--data-dir', data, '--format', 'csv'])).stdout;

describe('a run whose output nobody reads', () => {
  test.each([
    { says: 'a reader that leaves after one line', run: (run: string) => `{ ${run} 2>&1; } | head -1 >/dev/null` },
    { says: 'a reader that reads nothing', run: (run: string) => `{ ${run} 2>&1; } | :` },
    { says: 'a reader of stderr that reads nothing', run: (run: string) => `{ ${run} 2>&1 >/dev/null; } | :` },
    { says: 'stdout and stderr closed', run: (run: string) => `${run} >&- 2>&-` },
    { says: 'stderr that cannot be written', run: (run: string) => `${run} 2</dev/null >/dev/null` },
    { says: 'stdout that cannot be written', run: (run: string) => `${run} 1</dev/null 2>/dev/null` },
    ...(HAS_FULL_DEVICE ? [{ says: 'stderr on a full disk', run: (run: string) => `${run} 2>/dev/full` }] : []),
  ])('$says: commits, loads, and ends with its own exit code', async ({ run }) => {
    const env = await kalemAlone();
    const data = join(await temporaryFolder(), 'data');
    expect(await inShell(run(`callhouse run --debug --data-dir ${data}`), env)).toBe('0');
    expect(await countCalls(data)).toMatch(/\n5\n$/);
    const refused = { ...env, KALEM_API_TOKEN: '' };
    expect(await inShell(run(`callhouse run kalem --debug --data-dir ${data}`), refused)).toBe('2');
  });

  test('a reader that closes the pipe in the middle', async () => {
    const env = await kalemAlone();
    const data = join(await temporaryFolder(), 'data');
    const child = spawn(process.execPath, [await builtCli(), 'run', '--debug', '--data-dir', data], {
      env,
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.once('data', () => {
      child.stderr.destroy();
      child.stdout.destroy();
    });
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(await countCalls(data)).toMatch(/\n5\n$/);
  });
});

test('a query whose reader closes the pipe ends with 0', async () => {
  const env = await kalemAlone();
  const data = join(await temporaryFolder(), 'data');
  await callhouseHere(['run', '--data-dir', data], { env });
  const query = `callhouse query "from range(200000)" --format csv --data-dir ${data}`;
  expect(await inShell(`{ ${query}; } | head -1 >/dev/null`, {})).toBe('0');
  if (HAS_FULL_DEVICE) expect(await inShell(`${query} >/dev/full`, {})).toBe('5');
});
