import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLease } from '../../../functions/lake/lease.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { compareTables } from '../../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../../helpers/oracle/read-warehouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HASH_KEY = 'the key of this test, which is long enough';

test('callhouse replay makes a lost warehouse and lost digests again, without vendors or credentials, and says what it did', async () => {
  const { simulators, env } = await demoVendors({ callsPerVendor: 6 });
  const data = join(await temporaryFolder(), 'data');
  const at = simulators.now().toISOString();
  const empty = await callhouseHere(['replay', '--data-dir', data]);
  const nothing = `there is nothing in ${join(data, 'lake')}; name another data directory with --data-dir`;
  expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining(nothing) });
  expect(existsSync(data)).toBe(false);
  const withKey = { CALLHOUSE_HASH_KEY: HASH_KEY };
  const run = await callhouseHere(['run', '--data-dir', data, '--at', at], { env: { ...env, ...withKey } });
  expect(run).toMatchObject({ code: 0 });
  simulators.resetRequests();
  for (const part of ['lake/digests', 'warehouse.duckdb', 'bi']) await rm(join(data, part), { recursive: true });
  const replay = () => callhouseHere(['replay', '--data-dir', data], { env: withKey });

  const { now } = Date;
  const own = { store: fsStore(join(data, 'lake')), now, timer: nodePorts.timer, random: Math.random };
  const lease = await takeLease('solum', 'default', { ...own, process: thisProcess() });
  const busy = await replay();
  expect(busy).toMatchObject({ code: 2, stderr: expect.stringContaining('a run is in progress; wait until it has') });
  await lease.release();

  const { code, stdout } = await replay();
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^solum_calls: \d+ rows made again$/m) });
  expect(stdout).toMatch(/^\d+ staged files? written again, \d+ digests changed$/m);
  expect(simulators.requests).toEqual([]);
  const expected = expectedTables(simulators, { hashKey: HASH_KEY, values: 'served' });
  expect(compareTables(expected, await readWarehouse(join(data, 'warehouse.duckdb')))).toEqual([]);
  const asked = await callhouseHere(['query', 'select count(*) as n from solum_calls', '--data-dir', data], {});
  expect(asked.stdout).toMatch(/\d/);
});
