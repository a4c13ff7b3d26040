import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { handler as extract } from '../../../../functions/aws/lambda/extract-lambda.ts';
import { lambdaProcess } from '../../../../functions/aws/lambda/lambda-ports.ts';
import { handler as load } from '../../../../functions/aws/lambda/load-lambda.ts';
import { handler as maintain } from '../../../../functions/aws/lambda/maintain-lambda.ts';
import { redact } from '../../../../functions/aws/lambda/run-lambda.ts';
import { SqlError } from '../../../../functions/errors.ts';
import { type Simulators, startSimulators } from '../../../../local/simulators/start-simulators.ts';
import { type AthenaServer, startAthenaServer } from '../../../helpers/athena-server.ts';
import { captureOutput } from '../../../helpers/capture-output.ts';
import { AT, HOUR_MS } from '../../../helpers/clinic.ts';
import { type S3Server, startS3Server } from '../../../helpers/s3-server.ts';
import { type SecretsServer, startSecretsServer } from '../../../helpers/secrets-server.ts';
import { solumCalls, solumServer } from '../../../helpers/solum-server.ts';

const MINUTE = 60_000;
const SECRET = 'callhouse/dev/kalem/default';
const CANARY = 'CANARY-7f3a';

let vendors: Simulators;
let s3: S3Server;
let athena: AthenaServer;
let secrets: SecretsServer;
let lines: readonly string[] = [];

beforeAll(async () => {
  [vendors, s3, athena, secrets] = await Promise.all([
    startSimulators({ callsPerVendor: 250, canaries: [CANARY] }),
    startS3Server(),
    startAthenaServer(),
    startSecretsServer(),
  ]);
});
beforeEach(() => {
  lines = captureOutput();
  s3.objects.clear();
  athena.calls.length = 0;
  athena.executions.length = 0;
  secrets.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"0123456789abcdef0123456789abcdef"}');
  secrets.secrets.set(SECRET, JSON.stringify({ KALEM_API_TOKEN: vendors.env['KALEM_API_TOKEN'] }));
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
afterAll(() => Promise.all([vendors.close(), s3.close(), athena.close(), secrets.close()]));

const environment = () => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'y',
  AWS_ENDPOINT_URL_S3: s3.url,
  AWS_ENDPOINT_URL_ATHENA: athena.url,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  CALLHOUSE_STAGE: 'dev',
  CALLHOUSE_BUCKET: 'lake',
  CALLHOUSE_WORKGROUP: 'callhouse-dev-etl',
  CALLHOUSE_DATABASE: 'callhouse',
  CALLHOUSE_SOURCE: 'kalem',
  CALLHOUSE_ACCOUNT: 'default',
  CALLHOUSE_SECRET: SECRET,
  CALLHOUSE_HASH_SECRET: 'callhouse/dev/hash-key',
  CALLHOUSE_SOURCES: '{"kalem":["default"]}',
  CALLHOUSE_SETTINGS: JSON.stringify({
    timeLimit: '13m',
    sources: { kalem: { baseUrl: vendors.env['KALEM_BASE_URL'], maxRps: 1000 } },
  }),
});
const contextFor = (ms: number) => {
  const until = Date.now() + ms;
  return { getRemainingTimeInMillis: () => until - Date.now() };
};
const tick = (n = 0) => ({ at: new Date(vendors.now().getTime() + n * 15 * MINUTE).toISOString() });
const figures = () =>
  lines
    .filter((line) => line.includes('"_aws"'))
    .flatMap((line) => {
      const {
        _aws: { Timestamp: _, ...aws },
        ...rest
      } = JSON.parse(line);
      return aws ? [rest] : [];
    });

describe('the extract Lambda', () => {
  test('extracts its account, and emits its freshness', async () => {
    const result = await extract(tick(), contextFor(60_000));
    expect(result).toMatchObject({ source: 'kalem', account: 'default', exitCode: 0 });
    expect(figures()).toEqual([
      { RejectedValues: expect.any(Number), stage: 'dev' },
      { FreshnessMinutes: 0, stage: 'dev', source: 'kalem', account: 'default' },
      { RemovalsHeld: 0, stage: 'dev' },
    ]);
    expect([...s3.objects.keys()].filter((key) => key.includes('/commits/kalem/default/calls/'))).not.toEqual([]);
  });

  test('changes nothing if it runs twice at the same time', async () => {
    await extract(tick(), contextFor(60_000));
    const again = await extract(tick(), contextFor(60_000));
    expect(again.streams.map(({ changed }) => changed)).toEqual(again.streams.map(() => 0));
  });

  test('returns at once if another copy is running', async () => {
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    s3.objects.set('lake/leases/kalem/default/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await extract(tick(), contextFor(60_000))).toMatchObject({ exitCode: 0, streams: [], error: /another run/ });
  });

  test('takes over a lease of its own environment, which handles one event after another', async () => {
    const lease = { ...lambdaProcess, at: Date.now() };
    s3.objects.set('lake/leases/kalem/default/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await extract(tick(), contextFor(60_000))).toMatchObject({ exitCode: 0, streams: [{ stream: 'calls' }] });
  });

  test('stops in time with exit 6, and continues at the next ticks until everything is read', {
    timeout: 60_000,
  }, async () => {
    const slow = { sources: { kalem: { baseUrl: vendors.env['KALEM_BASE_URL'], maxRps: 2 } } };
    vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify(slow));
    const codes: number[] = [];
    for (let n = 0; n < 10 && codes.at(-1) !== 0; n += 1)
      codes.push((await extract(tick(n), contextFor(2_000))).exitCode);
    expect(codes[0]).toBe(6);
    expect(codes.at(-1)).toBe(0);
  });

  test('emits at every run how many removals are held, also if it cannot read or another copy is running', async () => {
    const calls = solumCalls(30);
    const server = await solumServer(calls);
    vi.stubEnv('CALLHOUSE_SOURCE', 'solum');
    vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify({ sources: { solum: { baseUrl: server.url, maxRps: 1000 } } }));
    secrets.secrets.set(SECRET, '{"SOLUM_API_KEY":"key"}');
    const run = (hours: number) =>
      extract({ at: new Date(AT + hours * HOUR_MS).toISOString() }, contextFor(60_000)).catch((error: Error) => error);
    await run(0);
    calls.splice(0, 28);
    await run(72);
    expect(await run(73)).toMatchObject({ message: expect.stringContaining('28 records are missing') });
    expect(await run(74)).toMatchObject({ exitCode: 0 });
    secrets.secrets.set(SECRET, '{"SOLUM_API_KEY":"REPLACE_ME"}');
    expect(await run(75)).toMatchObject({ message: expect.stringContaining('placeholder') });
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    s3.objects.set('lake/leases/solum/default/999999999999.json', Buffer.from(JSON.stringify(lease)));
    expect(await run(76)).toMatchObject({ exitCode: 0, error: expect.stringContaining('another run') });
    const held = figures().flatMap(({ RemovalsHeld: value, ...of }) => (value === undefined ? [] : [{ value, ...of }]));
    expect(held).toEqual([0, 0, 28, 28, 28, 28].map((value) => ({ value, stage: 'dev' })));
  });

  test('rejects an event for another account', async () => {
    const event = { ...tick(), account: 'north' };
    await expect(extract(event, contextFor(60_000))).rejects.toThrow(/event is for another source or account/);
    await expect(extract({ at: 'soon' }, contextFor(60_000))).rejects.toThrow(/at: .*an instant with Z/);
  });

  test('throws if a credential is still the placeholder, so that the event goes to the dead-letter queue', async () => {
    secrets.secrets.set(SECRET, '{"KALEM_API_TOKEN":"REPLACE_ME"}');
    await expect(extract(tick(), contextFor(60_000))).rejects.toThrow(/KALEM_API_TOKEN in .* is still the placeholder/);
  });

  test('writes no value of a record into its log', async () => {
    await extract(tick(), contextFor(60_000));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(CANARY);
  });
});

describe('the load Lambda', () => {
  test('merges each commit once', async () => {
    await extract(tick(), contextFor(60_000));
    athena.executions.length = 0;
    expect(await load({}, contextFor(900_000))).toMatchObject({ commits: 1, exitCode: 0 });
    const merged = athena.executions.map(({ sql }) => /^MERGE INTO "(\w+)"\."(\w+)"/.exec(sql)?.slice(1).join('.'));
    expect(merged.slice(0, 2)).toEqual(['callhouse_phi.kalem_calls', 'callhouse.kalem_calls']);
    expect(figures().slice(-2)).toEqual([
      { RowsLoaded: 0, stage: 'dev' },
      { LoadFailures: 0, stage: 'dev' },
    ]);
    expect([...s3.objects.keys()].filter((key) => key.includes('progress/statements'))).toEqual([]);
  });

  test('emits its failure, and throws', async () => {
    await extract(tick(), contextFor(60_000));
    athena.scripts = [{ states: ['FAILED'], reason: 'HIVE_BAD_DATA: Jane' }];
    const failed = load({}, contextFor(900_000));
    await expect(failed).rejects.toThrow(/HIVE_BAD_DATA/);
    await expect(failed).rejects.not.toThrow(/Jane/);
    expect(figures().at(-1)).toEqual({ LoadFailures: 1, stage: 'dev' });
  });

  test('returns at once if another copy is running', async () => {
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    s3.objects.set('lake/leases/warehouse/load/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await load({}, contextFor(900_000))).toMatchObject({ commits: 0, exitCode: 0 });
  });
});

describe('the maintain Lambda', () => {
  test('compacts every table by account, and emits the number of failed checks', async () => {
    const result = await maintain(tick(), contextFor(900_000));
    expect(result).toMatchObject({ exitCode: 0, compacted: 4 });
    const statements = athena.executions.map(({ sql }) => sql);
    expect(statements).toContain(
      "OPTIMIZE callhouse_phi.kalem_calls REWRITE DATA USING BIN_PACK WHERE account = 'default'",
    );
    expect(statements).toContain('VACUUM callhouse.loads');
    expect(figures().at(-1)).toEqual({ FailedChecks: 0, stage: 'dev' });
  });

  test('leaves tables to the next night if time runs out', async () => {
    expect(await maintain(tick(), contextFor(60_000))).toMatchObject({ exitCode: 6, compacted: 0 });
  });
});

describe('redact', () => {
  test('keeps the message of an expected failure, and drops its cause', () => {
    const error = redact(new SqlError('no such table', {}, { cause: new Error('Jane') }));
    expect(error.message).toBe('no such table');
    expect(error.cause).toBeUndefined();
  });

  test('keeps only the class and the stack frames of a bug', () => {
    const error = redact(new TypeError("cannot read 'Jane'"));
    expect(error.message).toBe('unexpected TypeError; see the stack for where it happened, and report it');
    expect(error.stack).toContain('lambdas.test.ts');
    expect(error.stack).not.toContain('Jane');
  });
});
