import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckResult } from '../../../functions/check/check-result.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

test('callhouse check ends with 4 for our own faults only, and counts what vendors sent that is odd', async () => {
  const { env, simulators } = await demoVendors({ callsPerVendor: 20 });
  const cwd = await temporaryFolder();
  expect((await callhouseHere(['check'], { cwd })).stderr).toContain('there is no warehouse in ');
  await writeFile(join(cwd, 'callhouse.config.json'), '{ "timeZone": "Asia/Tokyo" }');
  await callhouseHere(['run', '--at', simulators.now().toISOString()], { cwd, env: envOf(env, 'kalem', 'zudu') });
  const change = async (sql: string) => {
    const engine = testWarehouse(join(cwd, 'data')).open();
    await engine.execute(sql);
    await engine.close();
  };

  await change(
    'UPDATE callhouse.zudu_calls SET call_duration_ms = 90000000, combined_cost = -1 WHERE started_at IS NOT NULL',
  );
  const odd = await callhouseHere(['check'], { cwd });
  expect(odd.code).toBe(0);
  expect(odd.stdout).toMatch(/odd {4}zudu: \d+ times: cost is below 0 or above 10000\.\n/);
  expect(odd.stdout).toMatch(/odd {4}zudu: \d+ times: duration_seconds is below 0 or above 86400\.\n/);
  expect(odd.stdout).toMatch(/\n(\d+) of \1 checks passed\n$/);

  await change('INSERT INTO callhouse.kalem_calls SELECT * FROM callhouse.kalem_calls LIMIT 2');
  await change('DELETE FROM callhouse_phi.zudu_calls');
  const broken = await callhouseHere(['check'], { cwd });
  expect(broken.code).toBe(4);
  expect(broken.stdout).toMatch(/^fault {2}kalem_calls, account default: 2 keys occur more than once; expected none\n/);
  expect(broken.stdout).toMatch(
    /fault {2}zudu_calls, account default: \d+ rows of callhouse have no row in callhouse_phi/,
  );
  const { checks, exitCode } = JSON.parse((await callhouseHere(['check', '--json'], { cwd })).stdout);
  expect(exitCode).toBe(4);
  const faults = checks.filter(({ severity, found }: CheckResult) => severity === 'error' && found > 0);
  expect(faults.map(({ check }: CheckResult) => check)).toEqual(['keys', 'twins']);
  expect(checks).toContainEqual(expect.objectContaining({ source: 'zudu', account: 'default', check: 'duration' }));

  // From a folder with other settings, or none.
  await callhouseHere(['check', '--data-dir', join(cwd, 'data')], { cwd: await temporaryFolder() });
  const zoned = "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'callhouse' AND sql LIKE '%Asia/Tokyo%'";
  expect(Number((await linesIn(join(cwd, 'data', 'warehouse.duckdb'), zoned))[0])).toBeGreaterThan(3);

  const asked = "SELECT count(DISTINCT checked_at), max(found) FROM checks WHERE scope = 'all' AND check_name = 'keys'";
  expect((await callhouseHere(['query', asked, '--format', 'csv'], { cwd })).stdout).toMatch(/\r?\n4,2\r?\n/);
});
