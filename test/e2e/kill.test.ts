import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../functions/time.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { builtCli } from '../helpers/built-cli.ts';
import { HASH_KEY } from '../helpers/home.ts';
import { compareTables } from '../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../helpers/oracle/read-warehouse.ts';
import { readRows } from '../helpers/read-parquet.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A run is killed once it has asked so often, and then after so many milliseconds: while it extracts, commits and loads. */
const MOMENTS = [1, 6, 40, 90, 120].flatMap((requests, n) => [
  { requests, laterMs: 0 },
  { requests, laterMs: 20 + 60 * n },
]);

describe('a run killed at any moment', () => {
  test('is repaired by the next run, with no partly written file and no human step', { timeout: 180_000 }, async () => {
    const sims = await startSimulators({ days: 20, callsPerVendor: 120, users: 3, seed: 31 });
    const folder = await temporaryFolder();
    const cli = await builtCli();
    const rates = Object.fromEntries(['KISMET', 'SOLUM', 'ZUDU', 'KALEM'].map((name) => [`${name}_MAX_RPS`, '1000']));
    const env = { ...process.env, ...sims.env, ...rates, CALLHOUSE_HASH_KEY: HASH_KEY };
    const start = () => {
      const args = [cli, 'run', '--data-dir', join(folder, 'data'), '--at', sims.now().toISOString()];
      return spawn(process.execPath, args, { env, cwd: folder, stdio: 'ignore' });
    };
    let killed = 0;
    for (const { requests, laterMs } of MOMENTS) {
      sims.resetRequests();
      const run = start();
      let running = true;
      const ended = once(run, 'exit').finally(() => {
        running = false;
      });
      while (running && sims.requests.length < requests) await setTimeout(1);
      if (running && laterMs > 0) await setTimeout(laterMs);
      run.kill('SIGKILL');
      if ((await ended)[1] === 'SIGKILL') killed += 1;
      sims.advance(HOUR_MS / 4);
    }
    expect(killed, 'runs that were killed in progress').toBeGreaterThanOrEqual(5);
    expect((await once(start(), 'exit'))[0]).toBe(0);
    // Everything is due again, so that the tables are what the vendors would show now.
    sims.advance(4 * DAY_MS);
    expect((await once(start(), 'exit'))[0]).toBe(0);
    const warehouse = join(folder, 'data', 'warehouse.duckdb');
    expect(
      compareTables(
        expectedTables(sims, { hashKey: HASH_KEY, values: 'current', include: 'servable' }),
        await readWarehouse(warehouse),
        { settledBefore: new Date(0), mayBeMissing: (table) => table.startsWith('kismet_call_audit_') },
      ),
    ).toEqual([]);
    expect(await wholeFiles(join(folder, 'data', 'lake', 'staging'))).toBeGreaterThan(3);
    await sims.close();
  });
});

/** Reads every staged file there is, named by a commit or not. @returns how many there are */
async function wholeFiles(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.parquet'));
  for (const file of files) await readRows(await readFile(join(folder, file)));
  return files.length;
}
