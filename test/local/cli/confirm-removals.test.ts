import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awsServers } from '../../helpers/aws-servers.ts';
import { callhouse } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { AT, HOUR_MS } from '../../helpers/clinic.ts';
import { solumCalls, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const SWEEP = 72;
const CONFIRM = /confirm-removals solum\.calls/;

/** A data directory or bucket of 40 calls of which 30 vanished, as two full scans showed. */
async function heldPlace(lake?: string, variable = 'SOLUM_API_KEY') {
  const calls = solumCalls(40);
  const server = await solumServer(calls);
  const cwd = await temporaryFolder();
  const data = lake ?? join(cwd, 'data');
  const env = { [variable]: 'key', SOLUM_BASE_URL: server.url, SOLUM_MAX_RPS: '1000' };
  const config = join(cwd, 'local.json');
  await writeFile(config, '{}');
  const run = (hours: number, ...more: string[]) => {
    const at = new Date(AT + hours * HOUR_MS).toISOString();
    return callhouseHere(['run', '--data-dir', data, '--config', config, '--at', at, ...more], { env, cwd });
  };
  const ask = (...args: string[]) => callhouseHere(args, { env, cwd });
  await run(0);
  const gone = calls.splice(0, 30);
  await run(SWEEP);
  const concluding = await run(SWEEP + 1);
  return { calls, gone, cwd, data, env, run, ask, concluding };
}

const deleted = (result: { readonly stdout: string }) => JSON.parse(result.stdout).sources[0].streams[0].deleted;

describe('held removals', () => {
  test('are told by run, status and doctor, until they are confirmed and marked', async () => {
    const { data, env, cwd, run, ask, concluding } = await heldPlace();
    expect(concluding.code).toBe(4);
    const line = /^solum\.calls: 30 removals held; if the records are gone at the vendor, run: (.+)$/m;
    expect(concluding.stdout).toMatch(line);
    const later = await run(SWEEP + 2);
    expect(later).toMatchObject({ code: 0, stdout: expect.stringMatching(line) });
    expect(later.stderr).toMatch(/^callhouse: warning: solum\.calls: 30 records are missing/m);

    const status = await ask('status', '--max-age', '9999d', '--check');
    const told =
      /solum\.calls: 30 removals held since 2026-11-04 10:00; if the records are gone at the vendor, run: \S.* confirm-removals solum\.calls\n$/;
    expect(status).toMatchObject({ code: 7, stdout: expect.stringMatching(told) });
    expect(status.stderr).toMatch(new RegExp(`^callhouse: ${told.source}`));
    expect((await ask('status')).code).toBe(0);
    const { streams, exitCode, stale } = JSON.parse(
      (await ask('status', '--max-age', '9999d', '--check', '--json')).stdout,
    );
    expect({ exitCode, stale }).toEqual({ exitCode: 7, stale: false });
    expect(streams[0].heldRemovals).toEqual({ count: 30, since: '2026-11-04T10:00:00.000Z' });
    const doctor = await ask('doctor');
    expect(doctor).toMatchObject({ code: 2, stdout: expect.stringMatching(/^✗ held removals: solum\.calls: 30 /m) });
    expect(doctor.stdout).toMatch(CONFIRM);

    const confirmed = await callhouse(['confirm-removals', 'solum.calls', '--data-dir', data], { env, cwd });
    expect(confirmed).toMatchObject({ code: 0, stderr: '' });
    expect(confirmed.stdout).toMatch(
      /^solum\.calls: confirmed that 30 records missing from the scan of 2026-11-04T10:00:00\.000Z are gone\nThe next run marks them deleted\. The confirmation counts until \S+Z, and only for these records\.\n$/,
    );
    const marking = await run(SWEEP + 3);
    expect(marking).toMatchObject({ code: 0, stdout: expect.not.stringContaining('held') });
    expect(marking.stderr).toContain('30 removed');
    const after = await ask('status', '--max-age', '9999d', '--check', '--json');
    expect(JSON.parse(after.stdout)).toMatchObject({ exitCode: 0, streams: [{ heldRemovals: null }] });
    expect((await ask('doctor')).stdout).toMatch(/^✓ held removals$/m);
  });

  test('are not marked without a confirmation, and only those are confirmed that the last run left', async () => {
    const { calls, gone, run, ask } = await heldPlace();
    const unconfirmed = await run(SWEEP + 2, '--json');
    expect(deleted(unconfirmed)).toBe(0);
    expect(JSON.parse(unconfirmed.stdout).sources[0].streams[0].heldRemovals).toBe(30);
    // The run that reads three of them again does not count them any more, so that what it leaves can be confirmed.
    const recent = new Date(AT + (SWEEP + 3) * HOUR_MS - 60_000).toISOString();
    calls.unshift(...gone.slice(0, 3).map((call) => ({ ...call, started_at: recent })));
    expect((await run(SWEEP + 3)).stdout).toContain('solum.calls: 27 removals held');
    const { confirmed } = JSON.parse((await ask('confirm-removals', 'solum.calls', '--json')).stdout);
    expect(confirmed).toMatchObject({ count: 27, since: '2026-11-04T10:00:00.000Z' });
    const weekMs = Date.parse(confirmed.until) - Date.now();
    expect(Math.abs(weekMs - 7 * 24 * HOUR_MS)).toBeLessThan(60_000);
    expect(deleted(await run(SWEEP + 4, '--json'))).toBe(27);
  });
});

describe('callhouse confirm-removals', () => {
  test('ends with 0 if nothing is held, and says so', async () => {
    const cwd = await temporaryFolder();
    const server = await solumServer(solumCalls(3));
    const env = { SOLUM_API_KEY: 'key', SOLUM_BASE_URL: server.url, SOLUM_MAX_RPS: '1000' };
    const confirm = (...more: string[]) => callhouseHere(['confirm-removals', 'solum.calls', ...more], { env, cwd });
    const never = /^solum\.calls: there was no run in \S+data yet; there is nothing to confirm\n$/;
    expect(await confirm()).toMatchObject({ code: 0, stdout: expect.stringMatching(never) });
    await callhouseHere(['run'], { env, cwd });
    expect(await confirm()).toEqual({
      code: 0,
      stdout: 'solum.calls: no removals are held; there is nothing to confirm\n',
      stderr: '',
    });
    expect(JSON.parse((await confirm('--json')).stdout)).toEqual({
      source: 'solum',
      account: 'default',
      stream: 'calls',
      dataDir: join(cwd, 'data'),
      confirmed: null,
      exitCode: 0,
    });
  });

  test.each([
    { args: ['solm.calls'], says: 'there is no source called "solm" (did you mean solum?); expected one of ' },
    { args: ['kismet.call'], says: 'there is no stream of kismet called "call" (did you mean calls?)' },
    {
      args: ['kismet'],
      says: 'kismet is a source; expected one of its streams: kismet.organization_users, kismet.calls',
    },
    {
      args: ['solum.calls', '--account', '../x'],
      says: 'solum has no account "../x" in ',
    },
    { args: [], says: "missing required argument 'stream'" },
    { args: ['solum.calls', 'kalem.calls'], says: 'too many arguments' },
  ])('refuses $args with 2', async ({ args, says }) => {
    const result = await callhouseHere(['confirm-removals', ...args], { cwd: await temporaryFolder() });
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
  });

  test('confirms those of the named account only', async () => {
    const { ask, run } = await heldPlace(undefined, 'SOLUM_API_KEY__NORTH');
    const unnamed = await ask('confirm-removals', 'solum.calls');
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('expected one of north (--account)') });
    const status = await ask('status', '--check');
    expect(status.stderr).toMatch(/confirm-removals solum\.calls --account north$/m);
    const confirmed = await ask('confirm-removals', 'solum.calls', '--account', 'north');
    expect(confirmed.stdout).toMatch(/^solum\.calls \(north\): confirmed that 30 records /);
    expect(deleted(await run(SWEEP + 2, '--json'))).toBe(30);
  });

  test('confirms in the lake of a stage on AWS', async () => {
    const { s3, secrets, athena } = await awsServers();
    secrets.secrets.set('callhouse/dev/solum/default', '{"SOLUM_API_KEY":"key"}');
    const { ask, run, cwd } = await heldPlace('s3://lake');
    await writeFile(join(cwd, 'callhouse.config.json'), '{ "stages": { "dev": { "sources": { "solum": {} } } } }');
    const status = await ask('status', '--aws', '--check');
    expect(status.stderr).toMatch(/confirm-removals solum\.calls --aws$/m);
    const doctor = await ask('doctor', '--aws');
    expect(doctor.stdout).toMatch(
      /^✗ removals of solum, account default: 30 of calls are held .*confirm-removals solum\.calls --aws --stage dev$/m,
    );
    s3.requests.length = 0;
    athena.calls.length = 0;
    const confirmed = await ask('confirm-removals', 'solum.calls', '--aws', '--stage', 'dev');
    // The rights that docs/aws.md lists suffice.
    const used = s3.requests.map(({ method, key }) => `${method} ${key.split('/')[1] ?? ''}`.trim());
    expect(new Set(used)).toEqual(new Set(['GET', 'GET commits', 'PUT confirmations']));
    expect(athena.calls.map(({ name }) => name)).toEqual(['GetWorkGroup']);
    expect(confirmed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^solum\.calls: confirmed that 30 /) });
    const keys = () => [...s3.objects.keys()].filter((key) => key.includes('confirmations'));
    expect(keys()).toEqual([expect.stringMatching(/^lake\/confirmations\/solum\/default\/calls\/\d+-30-\d+\.json$/)]);
    expect(deleted(await run(SWEEP + 2, '--json'))).toBe(30);
    expect(keys()).toEqual([]);
  });
});
