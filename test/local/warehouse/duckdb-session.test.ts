import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compactFile } from '../../../local/warehouse/compact-file.ts';
import { duckdbSession } from '../../../local/warehouse/duckdb-session.ts';
import { builtCli } from '../../helpers/built-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Ten values of 5 MB, with which DuckDB needs more than 32 MB until the transaction ends. */
const ROWS = 10;
const BYTES = 5_000_000;

async function smallSession() {
  const path = join(await temporaryFolder(), 'warehouse.duckdb');
  const session = duckdbSession({ path, memoryLimit: '32MB', sleep: async () => {} });
  onTestFinished(session.close);
  await session.run('CREATE TABLE texts (n INTEGER, text VARCHAR)');
  return { path, session };
}

const value = (n: number) => String.fromCharCode(97 + n).repeat(BYTES);

test('a transaction that runs out of memory runs again with more, and changes rows once', async () => {
  const { path, session } = await smallSession();
  let tries = 0;
  await session.atomically(async () => {
    tries += 1;
    for (let n = 0; n < ROWS; n += 1) await session.run(`INSERT INTO texts VALUES (${n}, '${value(n)}')`);
  });
  expect(tries).toBeGreaterThan(1);
  const found = () => session.run('SELECT count(*), count(DISTINCT text), min(length(text)) FROM texts');
  expect(await (await found()).getRows()).toEqual([[10n, 10n, 5_000_000n]]);
  const { connection } = await session.open();
  await session.withMemory(() => compactFile(connection, path, session.close));
  expect(await (await found()).getRows()).toEqual([[10n, 10n, 5_000_000n]]);
});

// On a file system of its own, which only a new mount namespace can have.
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
test.skipIf(!canMount)('a disk that is full when the warehouse is closed is a StorageError', async () => {
  const dist = dirname(dirname(await builtCli()));
  const code = `
    import { appendFileSync } from 'node:fs';
    import { duckdbEngine } from '${join(dist, 'local', 'warehouse', 'duckdb-engine.js')}';
    import { kalemCalls } from '${join(dist, 'schemas', 'tables', 'kalem.js')}';
    const options = { path: '/mnt/w.duckdb', pathOf: (key) => key, views: { timeZone: 'UTC' }, sleep: async () => {} };
    const engine = duckdbEngine(options);
    await engine.prepare([kalemCalls]);
    for (let n = 0; n < 500; n += 1) await engine.stage({ ...kalemCalls, name: 'kalem' + n }, []);
    try { for (;;) appendFileSync('/mnt/filler', 'x'.repeat(4096)); } catch {}
    await engine.close().catch(({ name, message }) => process.stdout.write(name + ': ' + message));`;
  const script = 'mount -t tmpfs -o size=32m none /mnt && exec "$0" --input-type=module -e "$1"';
  const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, code], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({
    stdout: expect.stringMatching(/^StorageError: no space left on the disk/),
    stderr: '',
  });
});
