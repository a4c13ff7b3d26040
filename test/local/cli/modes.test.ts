import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDuckdb } from '../../../local/warehouse/open-duckdb.ts';
import { builtCli } from '../../helpers/built-cli.ts';
import { startProgram } from '../../helpers/callhouse.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A data directory that was there before, open to all. */
async function openDirectory(): Promise<string> {
  const data = join(await temporaryFolder(), 'data');
  await mkdir(data);
  await chmod(data, 0o755);
  return data;
}

/** Starts the built command under a umask that closes nothing. */
async function startOpen(args: readonly string[], env: Readonly<Record<string, string>>) {
  const script = 'umask 000; exec "$0" "$@"';
  return startProgram('sh', ['-c', script, process.execPath, await builtCli(), ...args], { env });
}

/** What is below the folder, and of that, what others than its owner can read, write or enter. */
async function look(folder: string) {
  const names = await readdir(folder, { recursive: true });
  const modes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).mode] as const));
  return { names, open: modes.filter(([, mode]) => (mode & 0o077) !== 0).map(([name]) => name) };
}

test('files of a run are readable for their owner alone, even in an open directory', async () => {
  const { env } = await demoVendors({ callsPerVendor: 5 });
  const data = await openDirectory();
  const { ended } = await startOpen(['run', '--data-dir', data], env);
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  const { names, open } = await look(data);
  expect(open).toEqual([]);
  expect(names).toEqual(
    expect.arrayContaining(['bi', 'hash.key', 'lake', 'report.html', 'warehouse.duckdb', '.swept']),
  );
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  expect(stderr).toContain(`${data} could be read by other users, and is now closed to them`);
});

test('so are files that a killed run leaves behind, and files that the next run finds open', async () => {
  const { env } = await demoVendors({ callsPerVendor: 60 });
  const data = await openDirectory();
  const log = join(data, 'warehouse.duckdb.wal');
  const { child, ended } = await startOpen(['run', '--data-dir', data], env);
  while (!existsSync(log) && child.exitCode === null) await setTimeout(1);
  child.kill('SIGKILL');
  expect((await ended).code).toBe(null);
  const { names, open } = await look(data);
  expect(names).toContain('warehouse.duckdb.wal');
  expect(open).toEqual([]);

  // As earlier versions left it. DuckDB continues with the same log, or ends it: nobody else can read it once the warehouse is open.
  await chmod(log, 0o644);
  const opened = await openDuckdb({ path: join(data, 'warehouse.duckdb'), sleep: async () => {} });
  const isOpenToOthers = existsSync(log) && ((await stat(log)).mode & 0o077) !== 0;
  expect(isOpenToOthers).toBe(false);
  opened.close();
  const next = await startOpen(['run', '--data-dir', data], env);
  expect((await next.ended).code).toBe(0);
});

test('so are all files of the demo', async () => {
  const folder = join(await openDirectory(), 'demo');
  const { child, ended } = await startOpen(['start', '--data-dir', folder], {});
  while (!existsSync(join(folder, 'lake')) && child.exitCode === null) await setTimeout(1);
  child.kill('SIGKILL');
  await ended;
  const { names, open } = await look(folder);
  expect(names).toEqual(expect.arrayContaining(['.callhouse-demo', 'lake']));
  expect(open).toEqual([]);
});
