import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compactFile } from '../../../local/warehouse/compact-file.ts';
import { duckdbSession } from '../../../local/warehouse/duckdb-session.ts';
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
