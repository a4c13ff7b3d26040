import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { builtCli } from '../../helpers/built-cli.ts';
import { type CliResult, callhouse, startProgram } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, fastEnv } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const isRoot = process.getuid?.() === 0;

/** To root nothing is closed, so it runs as nobody, who may have no way to this checkout or to its Node. */
function canRun(): Promise<boolean> {
  if (!isRoot) return Promise.resolve(true);
  return callhouse(['--version'], { uid: NOBODY }).then(
    ({ code }) => code === 0,
    () => false,
  );
}
const NOBODY = 65_534;

const WORLD = { callsPerVendor: 4, days: 3, users: 1 };
let loadedOnce: Promise<string> | undefined;

/** A data directory that holds everything of a world; the same options make the same world again. */
async function loaded(): Promise<string> {
  const simulators = await startSimulators({ transcripts: 'short', ...WORLD });
  const data = join(await mkdtemp(join(tmpdir(), 'callhouse-')), 'data');
  const result = await callhouseHere(['run', '--data-dir', data], { env: fastEnv(simulators) });
  expect(result.code).toBe(0);
  await simulators.close();
  return data;
}

afterAll(async () => {
  if (loadedOnce !== undefined) await rm(join(await loadedOnce, '..'), { recursive: true, force: true });
});

/** Four vendors with a few calls, and a data directory of them, empty or filled. */
async function open({ fill }: { readonly fill: boolean }) {
  const { simulators, env } = await demoVendors(WORLD);
  const data = join(await temporaryFolder(), 'data');
  if (fill) loadedOnce ??= loaded();
  if (loadedOnce && fill) await cp(await loadedOnce, data, { recursive: true });
  const run = (names: readonly string[] = [], more: Readonly<Record<string, string>> = {}) =>
    callhouseHere(['run', ...names, '--data-dir', data], { env: { ...env, ...more } });
  const calls = async () => {
    const sql = 'select source, count(*) from calls group by 1 order by 1';
    return (await callhouseHere(['query', sql, '--data-dir', data, '--format', 'csv'])).stdout;
  };
  return { simulators, env, data, run, calls };
}

const ALL_CALLS = 'source,count_star()\nkalem,4\nkismet,4\nsolum,4\nzudu,4\n';
const linesOf = ({ stderr }: CliResult) => stderr.split('\n').filter((line) => line.startsWith('callhouse: '));

describe('bad input ends with the documented exit code and one line, and leaves the data intact', () => {
  test('missing or refused credentials, or plain http to another host: the other sources still load', async () => {
    const { run, calls, env, data } = await open({ fill: false });
    const { SOLUM_API_KEY: _, ...rest } = env;
    const wrong = { ...rest, KALEM_API_TOKEN: 'c4n4ry-token', ZUDU_BASE_URL: 'http://zudu.example' };
    const names = ['kalem', 'kismet', 'solum', 'zudu'];
    const result = await callhouseHere(['run', ...names, '--data-dir', data, '--json'], { env: wrong });
    expect(result.code).toBe(2);
    expect(linesOf(result).sort()).toEqual([
      'callhouse: kalem.calls: GET /api/v1/calls answered 401: the vendor refused the credentials of account default (KALEM_API_TOKEN); ' +
        'ask the vendor whether they are valid and may read this, and store them again',
      'callhouse: solum: SOLUM_API_KEY is not set; set it in the environment or in the file .env',
      'callhouse: zudu: ZUDU_BASE_URL is not https; plain http is allowed to loopback only, because health data would travel unencrypted',
    ]);
    expect(result.stdout + result.stderr).not.toContain('c4n4ry');
    expect(await calls()).toBe('source,count_star()\nkismet,4\n');
    expect(await run()).toMatchObject({ code: 0 });
    expect(await calls()).toBe(ALL_CALLS);
  });

  test('a data directory that cannot be used', async () => {
    const { env } = await open({ fill: false });
    const folder = await temporaryFolder();
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    else await chmod(closed, 0o000);
    const file = join(folder, 'file');
    await writeFile(file, 'x');
    for (const command of (await canRun()) ? [['run'], ['query', 'select 1'], ['status']] : []) {
      const result = await callhouse([...command, '--data-dir', closed], { env, uid: isRoot ? NOBODY : undefined });
      expect({ command, code: result.code, out: result.stdout }).toEqual({ command, code: 5, out: '' });
      expect(result.stderr).toBe(
        `callhouse: data directory ${closed} cannot be read and written (EACCES): give this user access to it, or choose another with --data-dir\n`,
      );
    }
    const onFile = await callhouseHere(['run', '--data-dir', file], { env });
    expect(onFile).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/\((EEXIST|ENOTDIR)\): there is a file in its place; move it away/),
    });
    expect(await readFile(file, 'utf8')).toBe('x');
  });

  test('a damaged commit: 4, the other streams continue, and restoring it repairs everything', async () => {
    const { run, calls, data } = await open({ fill: true });
    const log = join(data, 'lake', 'commits', 'kalem', 'default', 'calls');
    const [name = ''] = await readdir(log);
    const whole = await readFile(join(log, name));
    await writeFile(join(log, name), whole.subarray(0, whole.length >> 1));
    const result = await run();
    expect(result.code).toBe(4);
    expect(linesOf(result)).toHaveLength(1);
    expect(linesOf(result)[0]).toContain(`commits/kalem/default/calls/${name}`);
    expect(result.stderr).toContain('✓ zudu.calls');
    expect(await callhouseHere(['status', '--data-dir', data])).toMatchObject({ code: 4 });
    expect(await calls()).toBe(ALL_CALLS);
    await writeFile(join(log, name), whole);
    expect(await run()).toMatchObject({ code: 0 });
    expect(await calls()).toBe(ALL_CALLS);
  });

  test('a missing staged file that was never loaded: 5, the other streams load; without its log the stream is read again', async () => {
    const { run, calls, data } = await open({ fill: true });
    const lake = join(data, 'lake');
    await rm(join(lake, 'staging', 'kalem_calls'), { recursive: true });
    // What is loaded is loaded, whatever becomes of its file.
    expect(await run()).toMatchObject({ code: 0 });
    await rm(join(data, 'warehouse.duckdb'));
    const result = await run();
    expect(result.code).toBe(5);
    expect(linesOf(result)).toHaveLength(1);
    expect(linesOf(result)[0]).toMatch(
      /kalem\.calls: staged file staging\/kalem_calls\/acct=default\/day=.* Restore the file from a backup/,
    );
    expect(await calls()).toBe(ALL_CALLS.replace('kalem,4\n', ''));
    for (const kind of ['commits', 'checkpoints']) {
      await rm(join(lake, kind, 'kalem', 'default', 'calls'), { recursive: true, force: true });
    }
    for (const entry of await readdir(join(lake, 'progress'), { withFileTypes: true }))
      if (entry.isDirectory())
        await rm(join(lake, 'progress', entry.name, 'kalem', 'default', 'calls.json'), { force: true });
    expect(await run()).toMatchObject({ code: 0 });
    expect(await calls()).toBe(ALL_CALLS);
  });

  test('a damaged warehouse: 5, extraction continues; after moving it away, the next run rebuilds it', async () => {
    const { run, calls, data, simulators } = await open({ fill: true });
    const file = join(data, 'warehouse.duckdb');
    const bytes = await readFile(file);
    await writeFile(file, Buffer.alloc(bytes.length, 'no database'));
    simulators.advance(24 * 3_600_000);
    const result = await run(['zudu']);
    expect(result.code).toBe(5);
    expect(linesOf(result)).toEqual([
      expect.stringContaining(`warehouse ${file} is damaged; move it away and run again`),
    ]);
    expect(result.stderr).toMatch(/✓ zudu\.calls: \d+ records, [1-9]/);
    expect(await calls(), 'the published copy is whole').toBe(ALL_CALLS);
    const asked = await callhouseHere(['query', '--phi', 'select 1', '--data-dir', data]);
    expect(asked).toMatchObject({ code: 5, stderr: expect.stringContaining('is damaged') });
    await rename(file, `${file}.damaged`);
    expect(await run(['zudu'])).toMatchObject({ code: 0 });
    expect(await calls()).toMatch(/kalem,4\nkismet,4\nsolum,4\nzudu,[5-9]\n/);
  });

  test('another program holds the warehouse: extraction continues, 6 after the wait, and the next run loads', async () => {
    const { run, calls, data, simulators } = await open({ fill: true });
    const path = JSON.stringify(join(data, 'warehouse.duckdb'));
    const hold = `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => { const held = await DuckDBInstance.create(${path}); console.log('held'); setInterval(() => held, 1000); });`;
    const holder = startProgram(process.execPath, ['-e', hold], { cwd: process.cwd() });
    await new Promise((resolve) => holder.child.stdout?.once('data', resolve));
    simulators.advance(24 * 3_600_000);
    const result = await run([], { CALLHOUSE_LOCK_WAIT_MS: '300' });
    expect(result.code).toBe(6);
    expect(linesOf(result)).toEqual([
      `callhouse: warehouse ${join(data, 'warehouse.duckdb')} is held by another program (process ${holder.child.pid}); staged, not loaded: close it there and run again`,
    ]);
    expect(result.stderr.match(/✓/g)).toHaveLength(7);
    const status = JSON.parse((await callhouseHere(['status', '--json', '--data-dir', data])).stdout);
    expect(status.streams.map(({ toLoad }: { toLoad: number }) => toLoad)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    holder.child.kill();
    await holder.ended;
    expect(await calls()).toBe(ALL_CALLS);
    expect(await run()).toMatchObject({ code: 0 });
    // Four calls show no order, and Kalem and Solum filter by time, which at these simulators is not that of this machine.
    expect(await calls()).toMatch(/kismet,[5-9]\nsolum,4\nzudu,[5-9]\n/);
  });

  // On a file system of 3 MB of its own, which only a new mount namespace can have.
  const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
  test.skipIf(!canMount)('a full disk: 5, and after freeing space the next run loads everything', async () => {
    const { env } = await open({ fill: false });
    const cli = await builtCli();
    const script = `
      mount -t tmpfs -o size=24m none /mnt && mkdir /mnt/d && head -c 22M /dev/zero > /mnt/filler
      for free in 0 40 300; do
        rm -f /mnt/rest; head -c 9M /dev/zero > /mnt/rest 2> /dev/null
        truncate -s -\${free}K /mnt/rest
        "$0" "$1" run --data-dir /mnt/d > /dev/null; echo "$free $?"
      done
      rm /mnt/rest /mnt/filler; "$0" "$1" run --data-dir /mnt/d > /dev/null; echo "free $?"
      "$0" "$1" query "select source, count(*) from calls group by 1 order by 1" --format csv --data-dir /mnt/d`;
    const result = await startProgram('unshare', ['-rm', 'sh', '-c', script, process.execPath, cli], { env }).ended;
    expect(result.stdout).toBe(`0 5\n40 5\n300 5\nfree 0\n${ALL_CALLS}`);
    expect(linesOf(result).length).toBeGreaterThan(2);
    // The mounted folder is open to others at first.
    const lines = linesOf(result).filter((line) => !line.includes('could be read by other users'));
    for (const line of lines) expect(line).toMatch(/no space (is )?left/);
  });
});
