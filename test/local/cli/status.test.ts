import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callhouse, startProgram } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const ONE_LINE = /^callhouse: [^\n]+\n$/;
const TWO_DAYS_MS = 2 * 86_400_000;
const LOG = join('lake', 'commits', 'kalem', 'default', 'calls');

/** A data directory that was filled two days ago, as its log says. */
async function filledDirectory() {
  const { env } = await demoVendors({ callsPerVendor: 5 });
  const data = join(await temporaryFolder(), 'data');
  const warehouse = join(data, 'warehouse.duckdb');
  const kalem = { ...envOf(env, 'kalem'), CALLHOUSE_LOCK_WAIT_MS: '0' };
  const run = () => callhouse(['run', '--data-dir', data], { env: kalem });
  expect(await run()).toMatchObject({ code: 0 });
  const first = join(data, LOG, '000000000001.json');
  const { crc32: _, ...commit } = JSON.parse(await readFile(first, 'utf8'));
  const endedAt = new Date(Date.now() - TWO_DAYS_MS).toISOString();
  await writeFile(first, JSON.stringify({ ...commit, endedAt }));
  const status = (...args: string[]) =>
    callhouseHere(['status', '--data-dir', data, ...args], { env: kalem, cwd: data });
  const stream = async () => {
    const { streams, ...more } = JSON.parse((await status('--json', '--check')).stdout);
    return { ...more, ...streams[0] };
  };
  return { data, warehouse, run, status, stream };
}

/** Another program that has the warehouse open until the test ends or it is killed. */
async function holdWarehouse(path: string, mode: 'READ_ONLY' | 'READ_WRITE') {
  const create = `DuckDBInstance.create(${JSON.stringify(path)}, { access_mode: '${mode}' })`;
  const script = `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => { const held = await ${create}; console.log('held'); setInterval(() => held, 1000); });`;
  const holder = startProgram(process.execPath, ['-e', script], { cwd: process.cwd() });
  onTestFinished(() => void holder.child.kill());
  await new Promise((resolve) => holder.child.stdout?.once('data', resolve));
  return async () => {
    holder.child.kill();
    await holder.ended;
  };
}

describe('extracted and not loaded data', () => {
  test.each(['READ_ONLY', 'READ_WRITE'] as const)(
    'counts as lag while another program holds the warehouse %s',
    async (mode) => {
      const { warehouse, run, status, stream } = await filledDirectory();
      const release = await holdWarehouse(warehouse, mode);
      expect(await run()).toMatchObject({ code: 6 });
      const waiting = await stream();
      expect(waiting).toMatchObject({ exitCode: 7, stale: true, state: 'stale', toLoad: 1 });
      expect(waiting.lagMinutes).toBeGreaterThanOrEqual(TWO_DAYS_MS / 60_000);
      expect(waiting.toLoadSince).toBe(waiting.lastOkAt);
      expect(waiting.dataTo < waiting.lastOkAt).toBe(true);
      const { code, stdout, stderr } = await status('--check');
      expect(stdout).toMatch(/ lag .* to load +waiting\n[^\n]*\nkalem\.calls +stale .* 2 d .* 1 +\d+ min\n$/);
      expect({ code, stderr }).toEqual({
        code: 7,
        stderr: expect.stringMatching(
          /^callhouse: stale: nothing loaded for 24h of kalem\.calls; run this and read its messages: [^\n]* run\n$/,
        ),
      });
      expect((await status('--check', '--max-age', '3d')).code).toBe(0);
      await release();
      expect(await run()).toMatchObject({ code: 0 });
      expect(await stream()).toMatchObject({ exitCode: 0, state: 'ok', lagMinutes: 0, toLoad: 0, toLoadSince: null });
    },
  );

  test('is all data if the warehouse is missing, or an older copy', async () => {
    const { data, warehouse, run, stream } = await filledDirectory();
    const copy = join(data, 'copy');
    await copyFile(warehouse, copy);
    expect(await run()).toMatchObject({ code: 0 });
    expect(await stream()).toMatchObject({ exitCode: 0, toLoad: 0 });
    await rm(warehouse);
    const gone = { exitCode: 7, state: 'stale', lagMinutes: null, dataTo: null, toLoad: 2 };
    expect(await stream()).toMatchObject(gone);
    await copyFile(copy, warehouse);
    expect(await stream()).toMatchObject(gone);
    expect(await run()).toMatchObject({ code: 0 });
    expect(await stream()).toMatchObject({ exitCode: 0, toLoad: 0 });
  });

  test('is counted for this warehouse, whatever others have loaded', async () => {
    const { data, warehouse, run, status, stream } = await filledDirectory();
    const other = join(data, 'lake', 'progress', 'other', 'kalem', 'default');
    await mkdir(other, { recursive: true });
    await writeFile(join(other, 'calls.json'), '{"version":1,"n":99}');
    const release = await holdWarehouse(warehouse, 'READ_ONLY');
    expect(await run()).toMatchObject({ code: 6 });
    expect(await stream()).toMatchObject({ exitCode: 7, toLoad: 1 });
    await release();
    await holdWarehouse(warehouse, 'READ_WRITE');
    expect((await status()).stderr).toMatch(/^callhouse: warning: the warehouse is held by another program; [^\n]*\n$/);
  });
});

describe('callhouse status', () => {
  test('shows each stream; with --check, ends with 7 if one is stale', async () => {
    const { env } = await demoVendors({ callsPerVendor: 5 });
    const cwd = await temporaryFolder();
    const both = envOf(env, 'kalem', 'zudu');
    const status = (...args: string[]) => callhouseHere(['status', ...args], { cwd, env: both });
    expect(await status()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^zudu\.calls +never +never/m) });
    expect(await status('--check')).toMatchObject({ code: 7, stderr: expect.stringMatching(ONE_LINE) });
    await callhouseHere(['run', 'kalem'], { cwd, env: both });
    expect(await status('--check')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('no complete run for 24h of zudu.calls;'),
    });
    await callhouseHere(['run'], { cwd, env: both });
    expect(await status('--check')).toMatchObject({ code: 0, stderr: '' });
    expect(await status('--check', '--max-age', '0m')).toMatchObject({ code: 7 });
    const { streams, stale, exitCode } = JSON.parse((await status('--json')).stdout);
    expect({ stale, exitCode }).toEqual({ stale: false, exitCode: 0 });
    expect(streams).toEqual([
      expect.objectContaining({
        source: 'kalem',
        account: 'default',
        stream: 'calls',
        state: 'ok',
        changedIn24h: 5,
        rejectedIn24h: 0,
        toLoad: 0,
        lagMinutes: 0,
      }),
      expect.objectContaining({ source: 'zudu', stream: 'calls', state: 'ok' }),
    ]);
  });
});
