import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { awsServers } from '../../helpers/aws-servers.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A folder with the settings of two stages. */
async function folderWithStages(): Promise<string> {
  const cwd = await temporaryFolder();
  const stages = {
    dev: { sources: { solum: {} }, removalPolicy: 'destroy' },
    prod: { sources: { solum: {} }, databasePrefix: 'calls', region: 'us-west-2' },
  };
  await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify({ stages }));
  return cwd;
}

describe('callhouse query --athena', () => {
  test('queries in the workgroup of readers and prints the scanned bytes', async () => {
    const { athena } = await awsServers();
    athena.scripts = [
      { columns: [['n', 'bigint']], rows: [['9007199254740993']], scannedBytes: 12_345_678 },
      { columns: [['n', 'bigint']], rows: [['1']], scannedBytes: 0 },
    ];
    const cwd = await folderWithStages();
    const ask = (...args: string[]) => callhouseHere(['query', ...args, '--athena', '--format', 'json'], { cwd });
    expect(await ask('/* how many */ select count(*) as n from calls;')).toEqual({
      code: 0,
      stdout: '[\n{"n":"9007199254740993"}\n]\n',
      stderr: 'Athena scanned 12,345,678 bytes (12.3 MB)\n',
    });
    await ask('with a as (select 1 as n) select n from a', '--stage', 'prod', '--workgroup', 'mine');
    const asked = athena.calls.filter(({ name }) => name === 'StartQueryExecution').map(({ input }) => input);
    expect(asked).toMatchObject([
      {
        QueryString: '/* how many */ select count(*) as n from calls',
        WorkGroup: 'callhouse-dev-bi',
        QueryExecutionContext: { Database: 'callhouse' },
      },
      { WorkGroup: 'mine', QueryExecutionContext: { Database: 'calls' } },
    ]);
  });

  test('reports a wrong statement, stage and credentials', async () => {
    const { athena } = await awsServers();
    const cwd = await folderWithStages();
    athena.scripts = [{ states: ['FAILED'], reason: 'COLUMN_NOT_FOUND: line 1:8: Column x cannot be resolved' }];
    expect(await callhouseHere(['query', 'select x from calls', '--athena'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'callhouse: COLUMN_NOT_FOUND: line 1:8: Column x cannot be resolved\n',
    });
    expect(await callhouseHere(['query', 'select 1', '--athena', '--stage', 'prd'], { cwd })).toMatchObject({
      code: 2,
      stderr: 'callhouse: callhouse.config.json has no stage "prd" (did you mean prod?); expected one of dev, prod\n',
    });
    await writeFile(
      join(cwd, 'wrong.json'),
      '{ "stages": { "dev": { "databaseprefix": "x" }, "prod": { "sources": { "solm": {} } } } }',
    );
    expect(await callhouseHere(['status', '--aws', '--config', 'wrong.json'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^callhouse: wrong\.json: stages\.prod\.sources\.solm: .*\(did you mean solum\?\).*stages\.dev\.databaseprefix is not a setting \(did you mean databasePrefix\?\)|^callhouse: wrong\.json: stages\.dev\.databaseprefix is not a setting \(did you mean databasePrefix\?\).*stages\.prod\.sources\.solm: .*\(did you mean solum\?\)/,
      ),
    });
    athena.faults = [{ name: 'StartQueryExecution', type: 'ExpiredTokenException' }];
    expect(await callhouseHere(['query', 'select 1', '--athena'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sign in again (ExpiredTokenException)'),
    });
  });
});

describe('callhouse status --aws', () => {
  test('shows the streams of a stage', async () => {
    const { env } = await demoVendors({ callsPerVendor: 3 });
    const { s3 } = await awsServers();
    const cwd = await folderWithStages();
    const never = await callhouseHere(['status', '--aws', '--check'], { cwd });
    expect(never).toMatchObject({ code: 7, stdout: expect.stringMatching(/^solum\.calls +never/m) });
    const config = join(await temporaryFolder(), 'local.json');
    await writeFile(config, '{}');
    await callhouseHere(['run', '--data-dir', 's3://lake', '--config', config], { cwd, env: envOf(env, 'solum') });
    // It was loaded into the warehouse of this machine, and not into that of the stage.
    const status = async () =>
      JSON.parse((await callhouseHere(['status', '--aws', '--check', '--json'], { cwd })).stdout);
    expect(await status()).toMatchObject({
      dataDir: 's3://lake',
      exitCode: 7,
      streams: [{ source: 'solum', state: 'stale', changedIn24h: 3, dataTo: null, lagMinutes: null, toLoad: 1 }],
    });
    s3.objects.set('lake/progress/athena-callhouse/solum/default/calls.json', Buffer.from('{"version":1,"n":1}'));
    expect(await status()).toMatchObject({
      exitCode: 0,
      streams: [{ source: 'solum', state: 'ok', lagMinutes: 0, toLoad: 0, toLoadSince: null }],
    });
  });

  test('names an unknown stage', async () => {
    const { athena } = await awsServers();
    athena.faults = [{ name: 'GetWorkGroup', type: 'InvalidRequestException', message: 'WorkGroup is not found.' }];
    const { code, stderr } = await callhouseHere(['status', '--aws'], { cwd: await folderWithStages() });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('stage dev is not deployed in this') });
  });
});

describe('callhouse doctor --aws', () => {
  test('prints one line per missing thing, and ends with 2', async () => {
    const { athena, secrets } = await awsServers();
    const shapes = databaseTablesOf([solumCalls]);
    athena.answers['ListTableMetadata'] = ({ DatabaseName: database }) => {
      const views = database === 'callhouse' ? viewsFor([solumCalls], { timeZone: 'UTC' }) : [];
      const tables = shapes.filter((shape) => shape.database === database);
      return { TableMetadataList: [...tables, ...views].map(({ name: Name }) => ({ Name })) };
    };
    secrets.secrets.set('callhouse/dev/solum/default', '{"SOLUM_API_KEY":"REPLACE_ME"}');
    const { code, stdout } = await callhouseHere(['doctor', '--aws'], { cwd: await folderWithStages() });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^✓ workgroup callhouse-dev-etl$/m);
    expect(stdout).toMatch(
      /^✗ credentials of solum, account default: .*put-secret-value --secret-id callhouse\/dev\/solum/m,
    );
    expect(stdout).toMatch(/^✗ runs of solum, account default: none yet/m);
    const json = await callhouseHere(['doctor', '--aws', '--json'], { cwd: await folderWithStages() });
    const { exitCode, checks } = JSON.parse(json.stdout);
    expect(exitCode).toBe(2);
    expect(checks[0]).toMatchObject({ ok: true });
    expect(checks).toHaveLength(stdout.trimEnd().split('\n').length);
  });
});
