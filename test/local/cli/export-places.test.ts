import { existsSync } from 'node:fs';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { startCallhouse, startProgram } from '../../helpers/callhouse.ts';
import { filledDataDir } from '../../helpers/published.ts';

const HOUR_MS = 3_600_000;
/** In the units of `ulimit -f`, half kibibytes. */
const LIMIT = 16;

test.runIf(existsSync('/proc'))(
  'an export, a report or a run into a folder in which nothing can be created ends, and says so',
  async () => {
    const { data } = await filledDataDir();
    for (const args of [
      ['export', '/proc/x', '--format', 'csv', '--data-dir', data],
      ['export', '/proc/x/y', '--for', 'dbt', '--data-dir', data],
      ['export', '/proc/x/y.duckdb', '--phi', '--data-dir', data],
      ['report', '--to', '/proc/x/y.html', '--data-dir', data],
      ['start', '--data-dir', '/proc/x'],
    ]) {
      const { child, ended } = await startCallhouse(args);
      const result = await Promise.race([ended, sleep(10_000)]);
      child.kill('SIGKILL');
      expect(result, args.join(' ')).toMatchObject({ code: 5, stderr: expect.stringContaining('(ENOENT)') });
    }
  },
  60_000,
);

test('the message says if the folder is a file, or the file a folder or a pipe', async () => {
  const { act, cwd } = await filledDataDir();
  await writeFile(join(cwd, 'file'), '');
  const isFile = { code: 5, stderr: expect.stringContaining('there is a file where a folder is expected') };
  for (const format of ['csv', 'parquet', 'duckdb'])
    expect(await act('export', 'file/x', '--format', format), format).toMatchObject(isFile);
  expect(await act('export', 'file/x', '--phi')).toMatchObject(isFile);
  expect(await act('export', 'file/x', '--for', 'dbt')).toMatchObject(isFile);
  expect(await act('report', '--to', 'file/x.html')).toMatchObject(isFile);

  await mkdir(join(cwd, 'folder'));
  for (const args of [
    ['export', 'folder'],
    ['export', 'folder', '--phi'],
    ['report', '--to', 'folder'],
  ])
    expect(await act(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder; expected') });
  expect((await startProgram('mkfifo', [join(cwd, 'pipe')], {}).ended).code).toBe(0);
  for (const args of [
    ['export', 'pipe'],
    ['export', 'pipe', '--phi'],
    ['report', '--to', 'pipe'],
  ])
    expect(await act(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('is a device or pipe') });
  expect((await stat(join(cwd, 'pipe'))).isFIFO()).toBe(true);
  expect((await act('export', 'new/folder/a.duckdb')).code).toBe(0);
  expect((await act('report', '--to', 'new/page/a.html')).code).toBe(0);
});

/** Runs the built command where no file may be larger than the limit, as on a disk that is almost full. */
async function withLimit(args: readonly string[], to: string) {
  const script = `ulimit -f ${LIMIT}; exec "$0" "$@" > ${to}`;
  return startProgram('sh', ['-c', script, process.execPath, await builtCli(), ...args], {}).ended;
}

test('an export or a query that the disk has room for a part of does not end with 0', async () => {
  const { data, cwd } = await filledDataDir();
  const limited = { code: 5, stderr: expect.stringContaining('EFBIG') };
  const folder = join(cwd, 'csv');
  expect(await withLimit(['export', folder, '--format', 'csv', '--data-dir', data], '/dev/null')).toMatchObject(
    limited,
  );
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  expect(sizes.filter((size) => size >= LIMIT * 512)).toEqual([]);
  for (const format of ['csv', 'table', 'json']) {
    const query = ['query', "select repeat('x', 20) x from range(2000)", '--format', format, '--data-dir', data];
    expect(await withLimit(query, join(cwd, 'answer')), format).toMatchObject(limited);
  }
});

test('an export removes what a killed one has left half-written, of its own names alone', async () => {
  const { act, cwd } = await filledDataDir();
  await mkdir(join(cwd, 'out', 'callhouse_phi'), { recursive: true });
  const dead = [
    'out/~calls.csv.0123456789abcdef',
    'out/callhouse_phi/~zudu_calls.csv.0123456789abcdef',
    '~a.duckdb.0123456789abcdef',
  ];
  const kept = ['out/~calls.csv.fedcba9876543210', 'out/~ours.csv.0123456789abcdef', 'out/~calls.csv.bak'];
  for (const name of [...dead, ...kept]) await writeFile(join(cwd, name), 'x');
  const then = new Date(Date.now() - 2 * HOUR_MS);
  for (const name of [...dead, ...kept.slice(1)]) await utimes(join(cwd, name), then, then);
  expect((await act('export', 'out', '--format', 'csv')).code).toBe(0);
  expect((await act('export', 'out', '--format', 'csv', '--phi')).code).toBe(0);
  expect((await act('export', 'a.duckdb')).code).toBe(0);
  expect([...dead, ...kept].filter((name) => existsSync(join(cwd, name)))).toEqual(kept);
});
