import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doctorAws } from '../../../../functions/aws/doctor/doctor-aws.ts';
import type { DoctorOptions } from '../../../../functions/aws/doctor/doctor-check.ts';
import type { Commit } from '../../../../functions/lake/commit.ts';
import { commitKey } from '../../../../functions/lake/objects.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { databaseTablesOf } from '../../../../schemas/derive/database-tables.ts';
import { viewsFor } from '../../../../schemas/views/views.ts';
import { type AthenaServer, startAthenaServer } from '../../../helpers/athena-server.ts';
import { emptyCommit } from '../../../helpers/empty-commit.ts';
import { type S3Server, startS3Server } from '../../../helpers/s3-server.ts';
import { type SecretsServer, startSecretsServer } from '../../../helpers/secrets-server.ts';

const NOW = Date.parse('2026-11-21T09:10:00Z');
const MINUTE = 60_000;

let athena: AthenaServer;
let s3: S3Server;
let secrets: SecretsServer;
let kalem: Source;
beforeAll(async () => {
  [athena, s3, secrets] = await Promise.all([startAthenaServer(), startS3Server(), startSecretsServer()]);
  process.env['AWS_ENDPOINT_URL_ATHENA'] = athena.url;
  process.env['AWS_ENDPOINT_URL_GLUE'] = athena.url;
  process.env['AWS_ENDPOINT_URL_CLOUDTRAIL'] = athena.url;
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = athena.url;
  process.env['AWS_ENDPOINT_URL_S3'] = s3.url;
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = secrets.url;
  kalem = await findSource('kalem');
});
beforeEach(() => {
  const tables = Object.values(kalem.streams).flatMap((stream) => stream.tables);
  const names = (database: unknown) => {
    if (database === 'callhouse_staging') return tables.map(({ name }) => name);
    const shapes = databaseTablesOf(tables).filter((shape) => shape.database === database);
    const views = database === 'callhouse' ? viewsFor(tables, { timeZone: 'UTC' }) : [];
    return [...shapes, ...views].map(({ name }) => name);
  };
  const OutputLocation = 's3://lake/athena-results/etl/';
  athena.answers = {
    GetWorkGroup: () => ({
      WorkGroup: { State: 'ENABLED', Configuration: { ResultConfiguration: { OutputLocation } } },
    }),
    ListTableMetadata: ({ DatabaseName }) => ({ TableMetadataList: names(DatabaseName).map((Name) => ({ Name })) }),
  };
  athena.faults = [];
  s3.objects.clear();
  putCommit({});
  s3.objects.set('lake/progress/athena-callhouse/kalem/default/calls.json', Buffer.from('{"version":1,"n":3}'));
  secrets.secrets.set('callhouse/dev/kalem/default', '{"KALEM_API_TOKEN":"token-1"}');
  secrets.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"0123456789abcdef0123456789abcdef"}');
});
afterAll(() => Promise.all([athena.close(), s3.close(), secrets.close()]));

function putCommit(more: Partial<Commit>): void {
  const id = { source: 'kalem', account: 'default', stream: 'calls' };
  const commit = emptyCommit(id, 3, new Date(NOW - 5 * MINUTE), more);
  s3.objects.set(`lake/${commitKey(id, commit.n)}`, Buffer.from(JSON.stringify(commit)));
}

const look = (more: Partial<DoctorOptions> = {}) =>
  doctorAws({
    stage: 'dev',
    sources: [kalem],
    accounts: { kalem: ['default'] },
    now: () => NOW,
    client: { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } },
    ...more,
  });
const wrong = async () => (await look()).filter(({ ok }) => !ok);

describe('doctorAws', () => {
  test('passes every check of a stage that runs', async () => {
    const checks = await look();
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual([
      'workgroup callhouse-dev-etl',
      'concurrent Lambdas of the account',
      'memory of the Lambdas',
      expect.stringContaining('Business Associate Addendum'),
      expect.stringMatching(/^database callhouse: \d+ tables and views$/),
      expect.stringMatching(/^database callhouse_phi: /),
      expect.stringMatching(/^database callhouse_staging: /),
      'versions of table callhouse.loads',
      'credentials of kalem, account default',
      'key of the hashes',
      'readers of health data',
      'runs of kalem, account default',
      'removals of kalem, account default',
      'trail of who reads health data',
    ]);
  });

  const BASIC = (values: readonly string[], type = 'All') => ({
    EventSelectors: [{ ReadWriteType: type, DataResources: [{ Type: 'AWS::S3::Object', Values: values }] }],
  });
  const ADVANCED = (...fields: readonly object[]) => ({
    AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'resources.type', Equals: ['AWS::S3::Object'] }, ...fields] }],
  });
  test.each([
    ['no trail', undefined, true, false],
    ['management events only', {}, true, false],
    ['another bucket', BASIC(['arn:aws:s3:::other/']), true, false],
    ['writing only', BASIC(['arn:aws:s3'], 'WriteOnly'), true, false],
    ['a trail that is switched off', BASIC(['arn:aws:s3']), false, false],
    ['all buckets', BASIC(['arn:aws:s3']), true, true],
    ['this bucket', BASIC(['arn:aws:s3:::lake/']), true, true],
    ['all objects', ADVANCED(), true, true],
    ['reading only', ADVANCED({ Field: 'readOnly', Equals: ['true'] }), true, true],
    ['advanced, writing only', ADVANCED({ Field: 'readOnly', Equals: ['false'] }), true, false],
    ['advanced, this bucket', ADVANCED({ Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::lake/'] }), true, true],
    ['advanced, another', ADVANCED({ Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::lak3/'] }), true, false],
  ])('knows whether a trail tells who reads health data: %s', async (_what, selectors, isLogging, isTold) => {
    athena.answers['DescribeTrails'] = () => ({ trailList: selectors ? [{ TrailARN: 'arn:trail' }] : [] });
    athena.answers['GetTrailStatus'] = () => ({ IsLogging: isLogging });
    athena.answers['GetEventSelectors'] = () => selectors ?? {};
    const found = (await look()).find(({ check }) => check.startsWith('trail'));
    expect(found).toMatchObject({ ok: true });
    expect(found?.remedy).toEqual(isTold ? undefined : expect.stringContaining('keep it for six years'));
  });

  test('lists readers of health data whose second factor AWS does not check', async () => {
    const role = 'arn:aws:iam::111122223333:role/Federated';
    const readers = [
      { arn: role, mfa: false },
      { arn: 'arn:aws:iam::111122223333:user/records', mfa: true },
    ];
    const found = (await look({ phiReaders: readers })).find(({ check }) => check === 'readers of health data');
    expect(found?.remedy).toContain(`mfa: false): ${role};`);
  });

  test('fails if the maintenance has not pruned the versions of loads for long', async () => {
    const versions = Array.from({ length: 10_000 }, (_, n) => ({ VersionId: String(n) }));
    athena.answers['GetTableVersions'] = () => ({ TableVersions: versions });
    expect(await wrong()).toEqual([
      {
        check: 'versions of table callhouse.loads',
        ok: false,
        remedy: expect.stringMatching(/allows 100,000.*aws logs tail \S+callhouse-dev-maintain/),
      },
    ]);
  });

  test('tells which databases Lake Formation governs', async () => {
    athena.answers['GetDatabase'] = ({ Name }) => ({
      Database: { CreateTableDefaultPermissions: Name === 'callhouse_phi' ? [] : [{ Permissions: ['ALL'] }] },
    });
    const told = (await look()).filter(({ check }) => check.includes('Lake Formation'));
    expect(told).toEqual([
      { check: expect.stringMatching(/^database callhouse_phi: Lake Formation governs/), ok: true },
    ]);
  });

  test('says what is missing where the catalog may not be read', async () => {
    athena.faults = [{ name: 'GetDatabase', type: 'AccessDeniedException' }];
    expect(await wrong()).toEqual([
      { check: 'catalog', ok: false, remedy: expect.stringContaining('grant glue:GetDatabase') },
    ]);
  });

  test.each([
    ['ExpiredTokenException', /aws sso login/],
    ['AccessDeniedException', /aws sso login/],
  ])('fails only the workgroup check, with its remedy, at %s', async (type, remedy) => {
    athena.faults = [{ name: 'GetWorkGroup', type }];
    expect(await look()).toEqual([
      { check: 'workgroup callhouse-dev-etl', ok: false, remedy: expect.stringMatching(remedy) },
    ]);
  });

  test('names missing tables', async () => {
    athena.answers['ListTableMetadata'] = () => ({ TableMetadataList: [] });
    expect((await wrong())[2]).toMatchObject({
      remedy: expect.stringMatching(/missing: kalem_calls\)\. If they are deployed/),
    });
  });

  test('shows the command for a secret that is still the placeholder', async () => {
    secrets.secrets.set('callhouse/dev/kalem/default', '{"KALEM_API_TOKEN":"REPLACE_ME"}');
    expect(await wrong()).toEqual([
      expect.objectContaining({
        remedy: expect.stringMatching(/put-secret-value --secret-id callhouse\/dev\/kalem\/default/),
      }),
    ]);
  });

  test.each<readonly [string, Partial<Commit>, RegExp]>([
    [
      'has stopped',
      { endedAt: new Date(NOW - 90 * MINUTE).toISOString() },
      /none for 90 minutes; is the schedule enabled/,
    ],
    ['failed', { status: 'failed' }, /the last run failed for calls/],
  ])('reports that extraction %s', async (_, commit, remedy) => {
    putCommit(commit);
    expect((await wrong())[0]).toMatchObject({
      check: 'runs of kalem, account default',
      remedy: expect.stringMatching(remedy),
    });
  });

  test('reports that no run ever took place', async () => {
    s3.objects.clear();
    expect((await wrong())[0]?.remedy).toMatch(/^none yet; store the credentials/);
  });

  test('reports held removals, with the command that confirms them', async () => {
    putCommit({ state: { held: { scan: NOW, clock: NOW, count: 30, groups: [''] } } });
    expect(await wrong()).toEqual([
      {
        check: 'removals of kalem, account default',
        ok: false,
        remedy:
          '30 of calls are held since 2026-11-21T09:10:00.000Z; if they are gone at the vendor: callhouse confirm-removals kalem.calls --aws --stage dev',
      },
    ]);
  });

  test('reports that commits are not loaded', async () => {
    putCommit({ n: 4, endedAt: new Date(NOW - 240 * MINUTE).toISOString() });
    expect((await wrong()).map(({ check }) => check)).toContain('load of kalem.calls, account default');
  });
});
