import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLease } from '../../../functions/lake/lease.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { callhouse, startCallhouse } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const counted = async (dataDir: string, sql: string) => {
  const { stdout } = await callhouseHere(['query', sql, '--data-dir', dataDir, '--format', 'json']);
  return JSON.parse(stdout) as Record<string, unknown>[];
};

describe('callhouse run', () => {
  test('loads every source whose credentials are set, and loads nothing twice', async () => {
    const { simulators, env } = await demoVendors();
    const data = join(await temporaryFolder(), 'data');
    const at = simulators.now().toISOString();
    const first = await callhouse(['run', '--data-dir', data, '--at', at], { env });
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr.trim().split('\n')).toHaveLength(7);
    expect(first.stderr).toMatch(/✓ zudu\.calls: 30 records, 30 changed, \d+ requests?/);
    expect(first.stdout).toMatch(/^stream +status +requests +records +changed +removed +refused\n/);
    expect(await counted(data, 'select source, count(*) as n from calls group by 1 order by 1')).toEqual(
      ['kalem', 'kismet', 'solum', 'zudu'].map((source) => ({ source, n: expect.any(Number) })),
    );
    const second = await callhouseHere(['run', '--data-dir', data, '--at', at, '--json'], { env });
    const result = JSON.parse(second.stdout);
    expect(Object.keys(result)).toEqual(['at', 'dataDir', 'sources', 'load', 'exitCode']);
    expect(result).toMatchObject({ at, dataDir: data, exitCode: 0, load: { changed: {}, exitCode: 0 } });
    const streams = result.sources.flatMap(({ streams }: { streams: unknown[] }) => streams);
    expect(streams).toHaveLength(7);
    for (const stream of streams) expect(stream).toMatchObject({ status: 'ok', changed: 0, deleted: 0, exitCode: 0 });
  });

  test('writes files for their owner alone, and keeps the hash key from run to run', async () => {
    const { env } = await demoVendors({ callsPerVendor: 5 });
    const data = join(await temporaryFolder(), 'data');
    const kalem = envOf(env, 'kalem');
    await callhouseHere(['run', '--data-dir', data], { env: kalem });
    const key = await readFile(join(data, 'hash.key'), 'utf8');
    expect(key).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    for (const name of ['hash.key', 'warehouse.duckdb', 'report.html']) {
      expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
    }
    const given = { ...kalem, CALLHOUSE_HASH_KEY: 'a key of the user, which is long enough' };
    const other = join(await temporaryFolder(), 'data');
    expect(await callhouseHere(['run', '--data-dir', other], { env: given })).toMatchObject({ code: 0 });
    expect(await readdir(other)).not.toContain('hash.key');
  });

  test('uses account suffixes, the settings file, credentials of .env, and the named streams', async () => {
    const { env } = await demoVendors({ callsPerVendor: 5 });
    const cwd = await temporaryFolder();
    const { KALEM_API_TOKEN: token, ...rest } = envOf(env, 'kalem', 'solum');
    await writeFile(join(cwd, '.env'), `KALEM_API_TOKEN__NORTH=${token}\nKALEM_API_TOKEN__SOUTH="${token}"\n`);
    await writeFile(join(cwd, 'callhouse.config.json'), '{ "$schema": "x", "timeZone": "America/New_York" }');
    const { code, stdout } = await callhouseHere(['run', 'kalem.calls', '--json'], { env: rest, cwd });
    expect(code).toBe(0);
    const { sources, dataDir } = JSON.parse(stdout);
    expect(sources.map(({ source, account }: Record<string, string>) => [source, account])).toEqual([
      ['kalem', 'north'],
      ['kalem', 'south'],
    ]);
    expect(await counted(dataDir, 'select account, count(*) as n from kalem_calls group by 1 order by 1')).toEqual([
      { account: 'north', n: 5 },
      { account: 'south', n: 5 },
    ]);
  });

  test('uses the configured Kismet users if the list of users is not available', async () => {
    const { env } = await demoVendors({ callsPerVendor: 5 });
    const data = join(await temporaryFolder(), 'data');
    const first = await callhouseHere(['run', 'kismet.organization_users', '--data-dir', data], { env });
    expect(first.code).toBe(0);
    const [user] = await counted(data, 'select min(id) as id from kismet_organization_users');
    const named = { ...env, KISMET_USER_IDS: String(user?.['id']) };
    const other = join(await temporaryFolder(), 'data');
    const { code, stdout } = await callhouseHere(['run', 'kismet', '--json', '--data-dir', other], { env: named });
    expect(code).toBe(0);
    const streams = JSON.parse(stdout).sources[0].streams.map(({ stream }: { stream: string }) => stream);
    expect(streams).toEqual(['calls', 'call_audit_logs', 'daily_call_metrics']);
    expect(await counted(other, 'select distinct organization_user_id as id from kismet_calls')).toEqual([user]);
  });

  test('says that another run is in progress, and ends with 0', async () => {
    const { env } = await demoVendors({ callsPerVendor: 5 });
    const data = join(await temporaryFolder(), 'data');
    await mkdir(data, { mode: 0o700 });
    const ports = {
      store: fsStore(join(data, 'lake')),
      now: Date.now,
      process: thisProcess(),
      random: Math.random,
      timer: nodePorts.timer,
    };
    const lease = await takeLease('kalem', 'default', ports);
    const busy = await callhouseHere(['run', '--data-dir', data], { env: envOf(env, 'kalem') });
    expect(busy).toMatchObject({ code: 0, stderr: 'kalem: another run is in progress; nothing to do\n' });
    await lease.release();
    expect((await callhouseHere(['run', '--data-dir', data], { env: envOf(env, 'kalem') })).stderr).toContain(
      '✓ kalem.calls',
    );
  });

  test('an interrupted run ends with 130, keeps what is complete, and the next run continues', async () => {
    const { env } = await demoVendors({ callsPerVendor: 60 });
    const data = join(await temporaryFolder(), 'data');
    const kismet = envOf(env, 'kismet');
    const { child, ended } = await startCallhouse(['run', '--data-dir', data], {
      env: { ...kismet, KISMET_MAX_RPS: '8' },
    });
    child.stderr?.on('data', (text: string) => {
      if (text.includes('kismet.calls')) child.kill('SIGINT');
    });
    const cut = await ended;
    expect(cut.code).toBe(130);
    // On a busy machine the signal may arrive one stream earlier or later.
    expect(cut.stderr).toMatch(/^callhouse: (kismet\.\w+: )?interrupted/m);
    const { code, stderr } = await callhouseHere(['run', '--data-dir', data], { env: kismet });
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/✓ kismet\.calls: 60 records/),
    });
    expect(await counted(data, 'select count(*) as n from kismet_calls')).toEqual([{ n: 60 }]);
  });

  test('a run that is interrupted while it loads ends with 130, and the next run loads what is staged', async () => {
    const { env } = await demoVendors({ callsPerVendor: 1000 });
    const data = join(await temporaryFolder(), 'data');
    const zudu = { ...envOf(env, 'zudu'), ZUDU_MAX_RPS: '1000' };
    const { child, ended } = await startCallhouse(['run', '--data-dir', data], { env: zudu });
    child.stderr?.on('data', (text: string) => {
      if (text.includes('✓ zudu.calls')) child.kill('SIGINT');
    });
    const cut = await ended;
    expect(cut.code).toBe(130);
    expect(cut.stderr).toMatch(/^callhouse: interrupted before (loading|all commits were loaded)/m);
    expect((await callhouseHere(['run', '--data-dir', data], { env: zudu })).code).toBe(0);
    const staged = Number(/✓ zudu\.calls: (\d+) records/.exec(cut.stderr)?.[1]);
    expect(staged).toBeGreaterThan(900);
    expect(await counted(data, 'select count(*) as n from zudu_calls')).toEqual([{ n: staged }]);
  });
});
