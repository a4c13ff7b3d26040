import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { callhouse, startProgram } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const COMMANDS = [
  'start',
  'run',
  'query',
  'report',
  'status',
  'alert',
  'check',
  'backfill',
  'replay',
  'confirm-removals',
  'doctor',
  'simulate',
  'new-source',
  'check-source',
];
const ONE_LINE = /^callhouse: [^\n]+\n$/;

describe('callhouse --help', () => {
  test.each([[], ['--help'], ...COMMANDS.map((name) => [name, '--help'])])(
    '%s begins with examples',
    async (...args) => {
      const { code, stdout, stderr } = await callhouseHere(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [head, ...lines] = stdout.split('\n');
      expect(head).toBe('Examples:');
      expect(lines.indexOf('')).toBeGreaterThanOrEqual(2);
      expect(stdout).toContain('\nUsage: callhouse');
    },
  );

  test('is what help shows, of one command too', async () => {
    const shown = async (...args: string[]) => (await callhouseHere(args)).stdout;
    expect(await shown('help', 'run')).toBe(await shown('run', '--help'));
    expect(await shown('help')).toBe(await shown('--help'));
  });

  test('loads no heavy module', async () => {
    const cli = await builtCli();
    const loaded = await startProgram(process.execPath, ['--no-warnings', '--import', TELL_IMPORTS, cli, '--help'], {})
      .ended;
    expect(loaded.stderr).toContain('imports commander\n');
    expect(loaded.stderr).not.toMatch(/duckdb|zod|hyparquet/);
  });

  test('prints its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect((await callhouse(['--version'])).stdout).toBe(`${version}\n`);
  });
});

/** A module that has Node write the name of everything it imports to stderr. */
const TELL_IMPORTS = dataUrl(`
  import { register } from 'node:module';
  register(${JSON.stringify(
    dataUrl(`
      import { writeSync } from 'node:fs';
      export function resolve(name, context, next) {
        writeSync(2, 'imports ' + name + '\\n');
        return next(name, context);
      }`),
  )});`);

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

describe('a wrong command line ends with 2 and one line that names the fault and the remedy', () => {
  test.each([
    { args: ['rnu'], says: "unknown command 'rnu' (Did you mean run?)" },
    { args: ['help', 'rnu'], says: "unknown command 'rnu' (Did you mean run?)" },
    { args: ['run', '--jsn'], says: "unknown option '--jsn' (Did you mean --json?)" },
    { args: ['query'], says: 'the statement is empty; expected a SELECT, - for standard input, or --file' },
    { args: ['query', 'select 1', '--question', 'waits'], says: 'a statement and --question were given; expected one' },
    {
      args: ['query', '--question', 'wait'],
      says: '--question is not a known question (did you mean waits?); expected one of last-week, calls-per-day,',
    },
    {
      args: ['query', 'select 1', '--format', 'xml'],
      says: '--format is not a known format: expected one of table, csv, json',
    },
    { args: ['query', ' '], says: 'the statement is empty; expected a SELECT' },
    {
      args: ['run', 'kalme'],
      says: 'there is no source called "kalme" (did you mean kalem?); expected one of ',
    },
    {
      args: ['run', 'kismet.cals'],
      says: 'there is no stream of kismet called "cals" (did you mean calls?); expected one of organization_users, calls,',
    },
    { args: ['run', '--at', '2026-11-21T09:00:00'], says: '--at has no time zone: expected Z or an offset' },
    { args: ['run', '--at', 'yesterday'], says: '--at is not a valid instant: expected e.g. 2026-11-21T09:00:00Z' },
    { args: ['run', '--at', '2026-13-21T09:00:00Z'], says: '--at is not a valid instant' },
    { args: ['run', '--at', '2026-11-31T09:00:00Z'], says: '--at is not a valid instant' },
    {
      args: ['run'],
      says: 'no source is configured; set the credentials of at least one in the environment or in the file .env: ',
    },
    { args: ['run', '--config', 'nowhere.json'], says: 'there is no nowhere.json; expected a settings file' },
    { args: ['status', '--max-age', 'a day'], says: '--max-age is not a valid duration: expected e.g. 90m, 24h or 3d' },
    { args: ['run', '--data-dir', 's3://UPPER'], says: 'no source is configured' },
    {
      args: ['status', '--data-dir', 's3://x/../y'],
      says: '--data-dir is not a valid bucket: expected s3://bucket or',
    },
    { args: ['run', '--warehouse', 'x.duckdb'], says: 'no source is configured' },
    { args: ['query', 'select 1', '--warehouse', 'x.duckdb'], says: '--warehouse needs a bucket' },
    {
      args: ['erase', '--call', 'kalem:1', '--stage', 'prod'],
      says: '--stage is for a stage on AWS; expected --aws beside it',
    },
    {
      args: ['query', 'select 1', '--workgroup', 'mine'],
      says: '--workgroup is for a stage on AWS; expected --athena',
    },
    {
      args: ['status', '--aws', '--data-dir', 'data'],
      says: '--data-dir names a place on this machine, and --aws a stage on AWS; expected one of them',
    },
    {
      args: ['query', '--question', 'waits', '--file', 'x.sql'],
      says: '--file and --question were given; expected one',
    },
    { args: ['query', 'drop table calls', '--athena'], says: 'callhouse query only reads; expected SELECT' },
    { args: ['query', 'explain analyze insert into a select 1', '--athena'], says: 'callhouse query only reads' },
    { args: ['backfill', '--to', '2026-01-31'], says: '--from is missing: expected a day, e.g. 2026-01-31' },
    {
      args: ['backfill', '--from', '2026-02-30', '--to', '2026-03-31'],
      says: '--from is not a valid day: expected e.g. 2026-01-31',
    },
    {
      args: ['backfill', '--from', '31.01.2026', '--to', '2026-03-31'],
      says: '--from is not a valid day: expected e.g.',
    },
    { args: ['backfill', '--from', '2026-01-02', '--to', '2026-01-01T00:00:00Z'], says: '--from is not before --to' },
    { args: ['backfill', '--from', '2026-01-02T10:00', '--to', '2026-01-31'], says: '--from has no time zone' },
    {
      args: ['backfill', '--from', '2026-01-01', '--to', '2026-01-31', '--chunk', '5m'],
      says: '--chunk is not a duration from 1h to 366d: expected e.g. 12h or 7d',
    },
    { args: ['simulate', '--port', '99999'], says: '--port is not a whole number from 0 to 65531' },
    { args: ['simulate', '--faults', 'many'], says: '--faults is not a number from 0 to 1' },
  ])('$args', async ({ args, says }) => {
    const { code, stdout, stderr } = await callhouseHere(args, { cwd: await temporaryFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(`callhouse: ${says}`);
  });

  test('as a separate process', async () => {
    const { code, stdout, stderr } = await callhouse(['run', 'kalme'], { cwd: await temporaryFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(ONE_LINE);
  });

  test('if no credentials are set, with those of each source', async () => {
    const { stderr } = await callhouseHere(['run'], { cwd: await temporaryFolder(), env: {} });
    expect(stderr).toContain('KISMET_CLIENT_ID and KISMET_CLIENT_SECRET (kismet)');
  });

  test('in the environment', async () => {
    const cwd = await temporaryFolder();
    const env = { KALEM_API_TOKEN: 'x', KALEM_MAX_RPS: 'fast' };
    const { code, stderr } = await callhouseHere(['run'], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'callhouse: KALEM_MAX_RPS is not a valid rate: expected requests per second, more than 0 and at most 1000\n',
    );
  });

  test('in the settings', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'callhouse.config.json'), '{ "timeZone": "Mars/Olympus", "speed": 1 }');
    const { code, stderr } = await callhouseHere(['run'], { cwd, env: { KALEM_API_TOKEN: 'x' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain('callhouse.config.json: ');
    expect(stderr).toContain('timeZone: expected an IANA time zone such as America/New_York');
    expect(stderr).toContain('speed is not a setting; expected one of sources, timeZone,');
  });
});

describe('callhouse query', () => {
  test('answers as table, CSV and JSON, changes nothing, and reports an error on one line', async () => {
    const { env, simulators } = await demoVendors({ callsPerVendor: 5 });
    const cwd = await temporaryFolder();
    const ask = (sql: string, format = 'table') => callhouseHere(['query', sql, '--format', format], { cwd });
    expect(await ask('select 1')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no warehouse in .*\/data; create it with: .* run; or name another/),
    });
    await callhouseHere(['run', '--at', simulators.now().toISOString()], { cwd, env: envOf(env, 'kalem') });

    const sql =
      "select 9007199254740993 as big, 5 as small, timestamp '2026-01-02 03:04:05.678' as at, '=1+1' as text, -1.50::decimal(18,6) as cost, null as nothing";
    expect((await ask(sql)).stdout.split('\n')[2]).toBe(
      '9007199254740993      5  2026-01-02T03:04:05.678Z  =1+1  -1.500000',
    );
    expect((await ask(sql, 'csv')).stdout).toBe(
      "big,small,at,text,cost,nothing\n9007199254740993,5,2026-01-02T03:04:05.678Z,'=1+1,-1.500000,\n",
    );
    expect(JSON.parse((await ask(sql, 'json')).stdout)).toEqual([
      {
        big: '9007199254740993',
        small: 5,
        at: '2026-01-02T03:04:05.678Z',
        text: '=1+1',
        cost: '-1.500000',
        nothing: null,
      },
    ]);
    expect(JSON.parse((await ask('select count(*) as n from calls', 'json')).stdout)).toEqual([{ n: 5 }]);
    const answer = await callhouseHere(['query', '--question', 'how-far', '--format', 'csv'], { cwd });
    expect(answer.stdout).toMatch(/^source,account,stream,last_status,data_through\nkalem,default,calls,ok,20/);
    expect((await callhouseHere(['query', '--questions'], { cwd })).stdout).toMatch(
      /^name +question\n.*\nlast-week +How/,
    );

    for (const wrong of [
      'selec 1',
      'select nothing from calls',
      'select * from nowhere',
      "select 'x'::int",
      'drop table kalem_calls',
      "copy calls to 'x.csv'",
      'delete from kalem_calls',
    ]) {
      const { code, stdout, stderr } = await ask(wrong);
      expect({ wrong, code, stdout }).toEqual({ wrong, code: 2, stdout: '' });
      expect(stderr).toMatch(ONE_LINE);
    }
    expect(JSON.parse((await ask('select count(*) as n from calls', 'json')).stdout)).toEqual([{ n: 5 }]);
    const asked = await callhouseHere(['query', '--question', 'how-far', '--format', 'csv'], { cwd });
    expect(asked.stdout).toMatch(/^source,account,stream,last_status,data_through\nkalem,default,calls,ok,20/);
    expect((await callhouseHere(['query', '--questions'], { cwd })).stdout).toMatch(
      /^name +question\n.*\nlast-week +How/,
    );
  });
});
