import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { awsServers, setVariables } from '../../helpers/aws-servers.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const LAKE = 's3://clinic/calls/lake';

test('run, query and status work on a lake in a bucket as on one in a folder', async () => {
  const { env } = await demoVendors();
  const { s3 } = await awsServers();
  const cwd = await temporaryFolder();
  const given = { cwd, env: envOf(env, 'kalem', 'kismet') };
  const run = (...args: string[]) => callhouseHere(['run', '--data-dir', LAKE, '--json', ...args], given);
  const first = await run();
  expect(JSON.parse(first.stdout)).toMatchObject({
    exitCode: 0,
    dataDir: LAKE,
    load: { exitCode: 0, changed: { 'callhouse.kalem_calls': 30, 'callhouse.kismet_calls': 30 } },
  });
  expect([...s3.objects.keys()].every((key) => key.startsWith('clinic/calls/lake/'))).toBe(true);
  expect(s3.objects.get('clinic/calls/lake/hash.key')?.toString()).toMatch(/^[0-9a-f]{64}\n$/);
  expect((await readdir(join(cwd, 'data'))).sort()).toEqual([
    '.maintained',
    '.published.json',
    'bi',
    'report.html',
    'warehouse.duckdb',
    'warehouse.duckdb.lake',
  ]);
  expect(JSON.parse((await run()).stdout)).toMatchObject({ exitCode: 0, load: { changed: {} } });

  const ask = (sql: string) => callhouseHere(['query', sql, '--data-dir', LAKE, '--format', 'csv'], given);
  expect((await ask('select count(*) as n from callhouse.kalem_calls')).stdout).toBe('n\n30\n');
  // No view is left that reads the files downloaded for the load.
  const views = "SELECT view_name FROM duckdb_views() WHERE schema_name = 'callhouse_staging'";
  expect(await linesIn(join(cwd, 'data', 'warehouse.duckdb'), views)).toEqual([]);
  const status = await callhouseHere(['status', '--data-dir', LAKE, '--check', '--json'], given);
  const { streams, dataDir } = JSON.parse(status.stdout);
  expect({ code: status.code, dataDir, streams: streams.length }).toEqual({ code: 0, dataDir: LAKE, streams: 5 });
  expect(streams).toEqual(streams.map(() => expect.objectContaining({ state: 'ok', toLoad: 0 })));
});

test('answers in a bucket expire as those in a folder do', async () => {
  const { env } = await demoVendors({ callsPerVendor: 3 });
  const { s3 } = await awsServers();
  const cwd = await temporaryFolder();
  const old = 'clinic/calls/lake/raw/kalem/default/calls/2020-01-01/a-0001.pages.gz';
  s3.objects.set(old, Buffer.from('x'));
  await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify({ retention: { rawDays: 3 } }));
  const run = await callhouseHere(['run', '--data-dir', LAKE], { cwd, env: envOf(env, 'kalem') });
  expect(run).toMatchObject({ code: 0 });
  const raw = [...s3.objects.keys()].filter((key) => key.includes('/raw/'));
  expect(raw).not.toContain(old);
  expect(raw.length).toBeGreaterThan(0);
});

test('a warehouse file belongs to one lake', async () => {
  const { env } = await demoVendors({ callsPerVendor: 3 });
  await awsServers();
  const given = { cwd: await temporaryFolder(), env: envOf(env, 'solum') };
  expect((await callhouseHere(['run'], given)).code).toBe(0);
  const mixed = await callhouseHere(['run', '--data-dir', LAKE], given);
  expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining('name another file with --warehouse') });
  expect((await callhouseHere(['run', '--data-dir', LAKE, '--warehouse', 'b.duckdb'], given)).code).toBe(0);
  const other = await callhouseHere(['run', '--data-dir', 's3://clinic/b', '--warehouse', 'b.duckdb'], given);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining(`b.duckdb belongs to ${LAKE};`) });
});

test('a lake with commits and without its hash key is refused', async () => {
  const { env } = await demoVendors({ callsPerVendor: 3 });
  const { s3 } = await awsServers();
  s3.objects.set('clinic/calls/lake/commits/kalem/default/calls/000000000001.json', Buffer.from('{}'));
  const { code, stderr } = await callhouseHere(['run', '--data-dir', LAKE], {
    cwd: await temporaryFolder(),
    env: envOf(env, 'solum'),
  });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('set CALLHOUSE_HASH_KEY to the key') });
});

test('a missing region is reported with the variable to set', async () => {
  await awsServers();
  setVariables({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_CONFIG_FILE: '/nowhere' });
  const { code, stderr } = await callhouseHere(['status', '--data-dir', LAKE]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('no AWS region is set; set AWS_REGION'),
  });
});
