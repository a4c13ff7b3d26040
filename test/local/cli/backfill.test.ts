import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLease } from '../../../functions/lake/lease.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { awsServers } from '../../helpers/aws-servers.ts';
import { startCallhouse } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { collect } from '../../helpers/collect.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const DAY_MS = 86_400_000;
const dayBefore = (now: Date, days: number) => new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);

async function rowsOf(dataDir: string, sql: string) {
  const { stdout } = await callhouseHere(['query', sql, '--data-dir', dataDir, '--format', 'json']);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

describe('callhouse backfill', () => {
  test('reads the requested days in chunks, and scheduled reads stay due', async () => {
    const { simulators, env } = await demoVendors();
    const data = join(await temporaryFolder(), 'data');
    const now = simulators.now();
    const args = ['--from', dayBefore(now, 6), '--to', dayBefore(now, 3), '--chunk', '2d', '--data-dir', data];
    const only = envOf(env, 'solum', 'zudu');
    const first = await callhouseHere(['backfill', ...args, '--json'], { env: only });
    expect(first.stderr).toContain(`solum: ${dayBefore(now, 6)} to ${dayBefore(now, 4)}, 1 of 2\n`);
    const result = JSON.parse(first.stdout);
    expect(result).toMatchObject({
      exitCode: 0,
      from: `${dayBefore(now, 6)}T00:00:00.000Z`,
      to: `${dayBefore(now, 2)}T00:00:00.000Z`,
      sources: [
        { source: 'solum', chunks: 2, readBefore: 0, exitCode: 0 },
        // Zudu's list has no time filter, so the backfill reads it completely, once.
        { source: 'zudu', chunks: 1, changed: 30 },
      ],
      load: { exitCode: 0, changed: { 'callhouse.zudu_calls': 30 } },
    });
    const [held] = await rowsOf(
      data,
      'select min(started_at) as least, max(started_at) as most, count(*) as n from solum_calls',
    );
    expect(held).toMatchObject({ n: result.sources[0].changed });
    expect(String(held?.['least']) >= result.from && String(held?.['most']) <= result.to).toBe(true);
    // A stretch that was asked for does not make the stream fresh, nor any day complete.
    const ahead = await callhouseHere(
      ['backfill', 'solum', '--from', dayBefore(now, 3), '--to', dayBefore(now, -9), '--data-dir', data],
      { env: only },
    );
    expect(ahead.code).toBe(0);
    expect(await rowsOf(data, 'select count(is_complete_day) as days from calls_daily')).toEqual([{ days: 0 }]);
    expect(await rowsOf(data, 'select distinct data_through, last_ok_at from freshness')).toEqual([
      { data_through: null, last_ok_at: null },
    ]);
    expect((await callhouseHere(['status', '--check', '--data-dir', data], { env: only })).code).toBe(7);
    const run = await callhouseHere(['run', '--data-dir', data], { env: only });
    expect(run.stderr).toMatch(/✓ solum\.calls: (29|30) records/);
    const again = await callhouseHere(['backfill', 'solum', ...args], { env: only });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^solum +2 +0 +\d+ +\d+ +0 +0 +complete/m) });
    expect(await collect(fsStore(join(data, 'lake')).list('backfills/'))).toEqual([]);
  });

  test('continues with the remaining chunks after it was killed', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 60 });
    const data = join(await temporaryFolder(), 'data');
    const now = simulators.now();
    const kalem = envOf(env, 'kalem');
    const args = ['backfill', 'kalem', '--from', dayBefore(now, 9), '--to', dayBefore(now, 0), '--chunk', '1d'];
    const slow = { ...kalem, KALEM_MAX_RPS: '8' };
    const { child, ended } = await startCallhouse([...args, '--data-dir', data], { env: slow });
    child.stderr?.on('data', (text: string) => {
      if (text.includes(', 4 of 10')) child.kill('SIGKILL');
    });
    expect((await ended).stderr).toContain('✓ kalem.calls');
    const { code, stdout } = await callhouseHere([...args, '--data-dir', data, '--json'], { env: kalem });
    const { sources } = JSON.parse(stdout);
    expect({ code, sources }).toMatchObject({ code: 0, sources: [{ chunks: 10, readBefore: 3 }] });
    const other = join(await temporaryFolder(), 'data');
    await callhouseHere([...args, '--data-dir', other], { env: kalem });
    const sql = 'select call_id, status, direction from kalem_calls order by 1';
    const rows = await rowsOf(other, sql);
    expect(rows.length).toBeGreaterThan(40);
    expect(await rowsOf(data, sql)).toEqual(rows);
  });

  test('a source that fails is incomplete, the message says how to continue, and the others are complete', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4 });
    const data = join(await temporaryFolder(), 'data');
    const wrong = { ...envOf(env, 'kalem', 'solum'), KALEM_API_TOKEN: 'refused' };
    const args = ['backfill', '--from', dayBefore(simulators.now(), 9), '--to', dayBefore(simulators.now(), 0)];
    const { code, stdout, stderr } = await callhouseHere([...args, '--data-dir', data], { env: wrong });
    expect(code).toBe(2);
    expect(stderr).toContain('the vendor refused the credentials');
    expect(stderr).toContain(
      'callhouse: incomplete; run the same command again to continue with the remaining chunks\n',
    );
    expect(stdout).toMatch(/^kalem .* incomplete$/m);
    expect(stdout).toMatch(/^solum .* complete$/m);
  });

  test('waits for another run of the account', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4 });
    const data = join(await temporaryFolder(), 'data');
    const store = fsStore(join(data, 'lake'));
    const lease = await takeLease('kalem', 'default', {
      store,
      now: Date.now,
      random: Math.random,
      process: thisProcess(),
      timer: nodePorts.timer,
    });
    setTimeout(() => void lease.release(), 1_000);
    const args = ['backfill', '--from', dayBefore(simulators.now(), 9), '--to', dayBefore(simulators.now(), 0)];
    const { code, stderr } = await callhouseHere([...args, '--data-dir', data], { env: envOf(env, 'kalem') });
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('kalem: another run is in progress; waiting'),
    });
    expect(stderr).toContain('✓ kalem.calls');
  });

  test('on AWS, reads with the credentials of the stage into its lake, for its own loader', async () => {
    const { simulators, env } = await demoVendors();
    const { s3, secrets, athena } = await awsServers();
    athena.scripts = [];
    const { KALEM_API_TOKEN: token, KALEM_BASE_URL: address = '' } = env;
    secrets.secrets.set('callhouse/dev/kalem/default', JSON.stringify({ KALEM_API_TOKEN: token }));
    secrets.secrets.set('callhouse/dev/hash-key', JSON.stringify({ CALLHOUSE_HASH_KEY: 'k'.repeat(64) }));
    const now = simulators.now();
    const args = ['backfill', 'kalem', '--from', dayBefore(now, 9), '--to', dayBefore(now, 0), '--aws'];
    const cwd = await temporaryFolder();
    const { code, stdout } = await callhouseHere(args, {
      cwd,
      env: { KALEM_BASE_URL: address, KALEM_MAX_RPS: '1000' },
    });
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("staged; the stage's loader loads it at its next run"),
    });
    const keys = [...s3.objects.keys()];
    expect(keys.filter((key) => key.startsWith('lake/commits/kalem/default/calls/'))).toHaveLength(2);
    expect(keys.filter((key) => key.startsWith('lake/staging/kalem_calls/'))).not.toHaveLength(0);
    expect(keys.filter((key) => key.startsWith('lake/backfills/'))).toEqual([]);
    expect(keys.filter((key) => key.startsWith('lake/leases/')).at(-1)).toMatch(/\.released$/);
  });
});
