import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCallhouse } from '../../helpers/callhouse.ts';
import { changeFile } from '../../helpers/duckdb-file.ts';
import { filledDataDir } from '../../helpers/published.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** So many rows are not written within a second. */
const ROWS = 1_500_000;

/** Names of files in a folder and below it; none if it does not exist. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.flatMap((one) => (one.isFile() ? [one.name] : []));
}

test('an export that Ctrl-C interrupts leaves nothing that is half-written', { timeout: 90_000 }, async () => {
  const { data, warehouse } = await filledDataDir({ callsPerVendor: 3, sources: ['solum'] });
  const calls = 'callhouse_phi.solum_calls';
  const one = `(SELECT * FROM ${calls} LIMIT 1)`;
  const many = `SELECT o.* REPLACE (r.range::varchar AS id, repeat('a summary ', 5) AS summary) FROM ${one} o, range(${ROWS}) r`;
  await changeFile(warehouse, `INSERT INTO ${calls} BY NAME ${many}`);
  for (const format of ['duckdb', 'parquet', 'csv']) {
    const folder = await temporaryFolder();
    const path = join(folder, format === 'duckdb' ? 'all.duckdb' : 'all');
    const args = ['export', path, '--phi', '--format', format, '--data-dir', data];
    const { child, ended } = await startCallhouse(args);
    const isHalf = (name: string) => !/^[a-z_]+\.(parquet|csv)$/.test(name);
    while (!(await filesIn(folder)).some(isHalf) && child.exitCode === null) await sleep(5);
    child.kill('SIGINT');
    const result = await Promise.race([ended, sleep(15_000)]);
    child.kill('SIGKILL');
    expect({ format, ...(result as object) }).toMatchObject({
      format,
      code: 130,
      stdout: '',
      stderr: expect.stringContaining('interrupted'),
    });
    expect({ format, left: (await filesIn(folder)).filter(isHalf) }).toEqual({ format, left: [] });
  }
});
