import { beforeAll, describe, expect, test } from 'vitest';
import { PLACEHOLDER } from '../../functions/aws/names.ts';
import { STAGING_PARTITIONS } from '../../schemas/derive/ddl.ts';
import { FIXED } from '../../scripts/costs/costs.ts';
import {
  makeStage,
  ofType,
  pick,
  type Resource,
  readJson,
  resourcesOf,
  spell,
  type TestStage,
} from '../helpers/infra.ts';

type Resources = Readonly<Record<string, Resource>>;

let stage: TestStage;
let data: Resources;
let pipeline: Resources;
let ops: Resources;

beforeAll(async () => {
  stage = await makeStage({ alarms: { email: 'ops@clinic.example' } });
  data = resourcesOf(stage.stacks.data);
  pipeline = resourcesOf(stage.stacks.pipeline);
  ops = resourcesOf(stage.stacks.ops);
});

const all = (resources: Resources, type: string) => ofType(resources, type).map(([, { Properties }]) => Properties);
const iceberg = () => all(data, 'AWS::Glue::Table').filter((table) => 'OpenTableFormatInput' in table);
const INPUT = 'OpenTableFormatInput.IcebergInput.IcebergTableInput';
const inputs = (type: string) =>
  all(data, 'AWS::Glue::Table')
    .map((table) => table['TableInput'])
    .filter((input) => pick(input, 'TableType') === type);

describe('the app', () => {
  test('keeps the logical id of every resource, because a changed id would replace the resource', async () => {
    const lines = [data, pipeline, ops].flatMap((resources) =>
      Object.entries(resources).map(([id, { Type }]) => `${Type} ${id}`),
    );
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('./logical-ids.txt');
  });

  test('sets every feature flag that the CDK recommends', () => {
    expect(pick(readJson('cdk.json'), 'context')).toEqual(
      readJson('node_modules/aws-cdk-lib/recommended-feature-flags.json'),
    );
  });

  test('is deployed by version 2 of the CDK CLI, because 3.0.0 was published by mistake and cannot read the app', () => {
    expect(pick(readJson('node_modules/aws-cdk/package.json'), 'version')).toMatch(/^2\./);
    expect(pick(readJson('package.json'), 'devDependencies.aws-cdk')).toMatch(/^2\./);
  });

  test('has no custom resource', () => {
    const types = [data, pipeline, ops].flatMap((resources) => Object.values(resources).map(({ Type }) => Type));
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
  });

  test('what must survive is kept on deletion and replacement, and not when its creation is rolled back', () => {
    const kept = [
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::Glue::Table',
      'AWS::Glue::Database',
      'AWS::Athena::WorkGroup',
      'AWS::SecretsManager::Secret',
    ];
    for (const type of kept) {
      expect(ofType(data, type), type).not.toEqual([]);
      for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of ofType(data, type))
        expect({ DeletionPolicy, UpdateReplacePolicy }, id).toEqual({
          DeletionPolicy: 'RetainExceptOnCreate',
          UpdateReplacePolicy: 'Retain',
        });
    }
    expect(stage.stacks.data.terminationProtection).toBe(true);
  });

  test('no resource outlives a failed creation: its name would block the next deploy', () => {
    for (const [id, resource] of [data, pipeline, ops].flatMap((resources) => Object.entries(resources)))
      expect(resource['DeletionPolicy'], id).not.toBe('Retain');
  });

  test('nothing is kept where the settings say so, but the access logs, which arrive after their bucket was emptied', async () => {
    const { stacks } = await makeStage({ removalPolicy: 'destroy' });
    for (const [id, resource] of Object.entries(resourcesOf(stacks.data)))
      expect(resource['DeletionPolicy'] ?? 'Delete', id).toBe(
        /^AccessLogs(?!Policy)/.test(id) ? 'RetainExceptOnCreate' : 'Delete',
      );
    expect(stacks.data.terminationProtection).toBe(false);
  });
});

describe('Iceberg tables', () => {
  test('have a Name and no TableInput, because Glue refuses a table with both', () => {
    expect(iceberg().length).toBeGreaterThan(10);
    for (const table of iceberg()) {
      expect(table['Name']).toMatch(/^[a-z_]+$/);
      expect(table).not.toHaveProperty('TableInput');
    }
  });

  test.each([
    ['solum_calls', '_part_on'],
    ['call_versions', 'seen_at'],
  ])('are partitioned by account and month: %s', (name, month) => {
    const calls = iceberg().find((table) => table['Name'] === name);
    const fields = pick<{ Id: number; Name: string }[]>(calls, `${INPUT}.Schema.Fields`);
    const parts = pick<{ SourceId: number; Transform: string }[]>(calls, `${INPUT}.PartitionSpec.Fields`);
    const named = (id: number) => fields.find(({ Id }) => Id === id)?.Name;
    const spelled = parts.map(({ SourceId, Transform }) => `${Transform}(${named(SourceId)})`);
    expect(spelled).toEqual(['identity(account)', `month(${month})`]);
  });

  test('of callhouse_phi are in the lake bucket, and those of callhouse in the safe bucket', () => {
    for (const [id, { Properties }] of ofType(data, 'AWS::Glue::Table').filter(
      ([, { Properties }]) => 'Name' in Properties,
    )) {
      const location = spell(pick(Properties, `${INPUT}.Location`));
      expect(location, id).toMatch(
        id.startsWith('CatalogPhi')
          ? /^s3:\/\/<Lake\w+>\/warehouse\/phi\/callhouse_phi\/\w+\/$/
          : /^s3:\/\/<Safe\w+>\/warehouse\/safe\/callhouse\/\w+\/$/,
      );
    }
  });
});

describe('staging tables', () => {
  test('compute their partitions from the keys of the staged files', () => {
    const table = inputs('EXTERNAL_TABLE').find((input) => pick(input, 'Name') === 'kalem_calls');
    const keys = STAGING_PARTITIONS.map(({ name, type, doc }) => ({ Name: name, Type: type, Comment: doc }));
    expect(pick(table, 'PartitionKeys')).toEqual(keys);
    const parameters = pick<Record<string, unknown>>(table, 'Parameters');
    expect(parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.acct.type': 'injected',
      'projection.day.type': 'date',
      'projection.day.range': '2025-01-01,NOW+1DAYS',
    });
    expect(spell(parameters['storage.location.template'])).toMatch(
      /^s3:\/\/<Lake\w+>\/staging\/kalem_calls\/acct=\$\{acct\}\/day=\$\{day\}\/$/,
    );
  });
});

describe('views', () => {
  test('have SerDe info, and the same columns in their catalog entry and their text', () => {
    expect(inputs('VIRTUAL_VIEW').map((view) => pick(view, 'Name'))).toEqual(
      expect.arrayContaining(['calls', 'calls_daily', 'freshness']),
    );
    for (const view of inputs('VIRTUAL_VIEW')) {
      // Trino would read a description as the comment by which it recognizes a view.
      expect(view).not.toHaveProperty('Description');
      expect(pick(view, 'Parameters')).toEqual({ presto_view: 'true', comment: 'Presto View' });
      expect(pick(view, 'StorageDescriptor.SerdeInfo')).toEqual({});
      const [, base64 = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(pick(view, 'ViewOriginalText')) ?? [];
      const { columns, schema } = JSON.parse(Buffer.from(base64, 'base64').toString());
      expect(schema).toBe('callhouse');
      expect(columns.map(({ name }: { name: string }) => name)).toEqual(
        pick<{ Name: string }[]>(view, 'StorageDescriptor.Columns').map(({ Name }) => Name),
      );
    }
  });
});

describe('schedules', () => {
  test('pass the time the run was due, and to extractors the source and account', () => {
    const events = all(pipeline, 'AWS::Scheduler::Schedule').map((schedule) => pick<string>(schedule, 'Target.Input'));
    const at = '<aws.scheduler.scheduled-time>';
    expect(events.map((event) => JSON.parse(event))).toEqual(
      expect.arrayContaining([
        { source: 'kalem', account: 'default', at, scheduled: true },
        { at, scheduled: true },
      ]),
    );
  });

  test('run as often as the settings say', async () => {
    const { stacks } = await makeStage({
      schedules: { extract: '1h', load: '2h', maintainHour: 4, enabled: false },
      sources: { solum: {} },
    });
    const schedules = all(resourcesOf(stacks.pipeline), 'AWS::Scheduler::Schedule');
    expect(schedules.map((schedule) => schedule['ScheduleExpression'])).toEqual([
      'rate(1 hour)',
      'rate(2 hours)',
      'cron(0 4 * * ? *)',
    ]);
    expect(new Set(schedules.map(({ State }) => State))).toEqual(new Set(['DISABLED']));
  });
});

describe('Lambdas', () => {
  test('are named by stage, source and account, and run on Node 24 and arm64', () => {
    const lambdas = all(pipeline, 'AWS::Lambda::Function');
    const extracts = ['kalem', 'kismet', 'solum', 'zudu'].map((source) => `callhouse-test-extract-${source}-default`);
    expect(lambdas.map(({ FunctionName }) => FunctionName).sort()).toEqual([
      ...extracts,
      'callhouse-test-load',
      'callhouse-test-maintain',
    ]);
    for (const lambda of lambdas)
      expect(lambda).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 900 });
  });

  test('get their settings in environment variables, within the 4 KB that AWS allows', () => {
    for (const [id, { Properties }] of ofType(pipeline, 'AWS::Lambda::Function')) {
      const variables = pick<Record<string, string>>(Properties, 'Environment.Variables');
      expect(JSON.stringify(variables).length, id).toBeLessThan(4000);
      expect(JSON.parse(variables['CALLHOUSE_SETTINGS'] ?? '')).toMatchObject({ timeZone: 'UTC', timeLimit: '13m' });
    }
  });
});

test('a new secret contains the placeholder that the extractor refuses', () => {
  const secrets = all(pipeline, 'AWS::SecretsManager::Secret');
  const held = secrets.map(({ Name, SecretString }) => [Name, JSON.parse(SecretString as string)]);
  expect(held).toContainEqual([
    'callhouse/test/zudu/default',
    { ZUDU_API_KEY: PLACEHOLDER, ZUDU_API_SECRET: PLACEHOLDER },
  ]);
});

describe('alarms', () => {
  test('watch stale streams, loads, checks, dead letters, rejects and spend, and notify the topic', () => {
    const alarms = all(ops, 'AWS::CloudWatch::Alarm');
    expect(alarms.map(({ AlarmName }) => String(AlarmName).replace('callhouse-test-', '')).sort()).toEqual([
      ...['dead-letters', 'failed-check', 'failed-load', 'load-lag', 'rejects', 'removals-held'],
      ...[2, 3, 4, 5].map((code) => `run-outcome-of-${code}`),
      ...['spend-of-bi', 'spend-of-etl', 'spend-of-phi'],
      ...['kalem', 'kismet', 'solum', 'zudu'].map((source) => `stale-stream-of-${source}-default`),
    ]);
    expect(alarms).toHaveLength(FIXED.alarms + 4);
    for (const alarm of alarms) expect(JSON.stringify(alarm['AlarmActions'])).toContain('Topic');
    expect(ofType(ops, 'AWS::SNS::Subscription')).toHaveLength(1);
    expect(ofType(ops, 'AWS::Budgets::Budget')).toHaveLength(1);
  });
});
