import { Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { addChecks } from '../../infra/checks.ts';
import { makeStage, ofType, type Resource, resourcesOf, spell, type TestStage } from '../helpers/infra.ts';
import { allows, type Statement, statementsOf } from '../helpers/policy.ts';

let stage: TestStage;
let data: Readonly<Record<string, Resource>>;
let all: readonly Statement[];

beforeAll(async () => {
  stage = await makeStage();
  data = resourcesOf(stage.stacks.data);
  all = [data, resourcesOf(stage.stacks.pipeline), resourcesOf(stage.stacks.ops)].flatMap(statementsOf);
});

const idOf = (type: string, start: string) => ofType(data, type).find(([id]) => id.startsWith(start))?.[0] ?? 'missing';
const glue = (resource: string) => `arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:${resource}`;
const of = (policy: RegExp) => all.filter((statement) => policy.test(statement.in));
const lake = () => `<${idOf('AWS::S3::Bucket', 'Lake')}.Arn>`;
const safe = () => `<${idOf('AWS::S3::Bucket', 'Safe')}.Arn>`;
const key = (id: string) => `<${idOf('AWS::KMS::Key', id)}.Arn>`;

describe('the role of BI readers', () => {
  const bi = () => of(/^ReadersBiPolicy/);

  test('may read callhouse', () => {
    expect(allows(bi(), 's3:GetObject', `${safe()}/warehouse/safe/callhouse/solum_calls/data/1.parquet`)).toBe(true);
    expect(allows(bi(), 'glue:GetTable', glue('table/callhouse/solum_calls'))).toBe(true);
    expect(allows(bi(), 'kms:Decrypt', key('SafeKey'))).toBe(true);
  });

  test.each([
    'raw/solum/default/1.json',
    'staging/solum_calls/acct=default/day=2026-01-01/1.parquet',
    'commits/a.json',
    'digests/a',
    'checkpoints/a',
    'leases/a',
    'confirmations/a',
    'progress/a',
    'warehouse/phi/callhouse_phi/solum_calls/1.parquet',
    'athena-results/etl/1.csv',
    'athena-results/phi/1.csv',
  ])('may not read, write or delete %s in either bucket', (object) => {
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
      expect(allows(bi(), action, `${lake()}/${object}`)).toBe(false);
      expect(allows(bi(), action, `${safe()}/${object}`)).toBe(false);
    }
  });

  test.each(['callhouse_phi', 'callhouse_staging'])('may not read the catalog entries of %s', (database) => {
    for (const action of ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions']) {
      expect(allows(bi(), action, glue(`database/${database}`))).toBe(false);
      expect(allows(bi(), action, glue(`table/${database}/solum_calls`))).toBe(false);
    }
  });

  test('may use only the key of callhouse and its own workgroup', () => {
    const named = bi().flatMap(({ resources }) => resources);
    expect(named.filter((resource) => resource.includes('Key'))).toEqual([key('SafeKey')]);
    expect(named.filter((resource) => resource.includes(':workgroup/'))).toEqual([
      expect.stringMatching(/workgroup\/callhouse-test-bi$/),
    ]);
    expect(named.filter((resource) => resource.includes('Lake'))).toEqual([]);
  });

  test('may not change anything in callhouse', () => {
    for (const action of ['s3:PutObject', 's3:DeleteObject'])
      expect(allows(bi(), action, `${safe()}/warehouse/safe/x`)).toBe(false);
    expect(
      bi()
        .flatMap(({ actions }) => actions)
        .filter((action) => /^glue:(Create|Update|Delete|Batch[CDU])/.test(action)),
    ).toEqual([]);
  });

  test('has no second policy', () => {
    const role = data[idOf('AWS::IAM::Role', 'ReadersBi')]?.Properties ?? {};
    expect([role['Policies'], role['ManagedPolicyArns']]).toEqual([undefined, undefined]);
    const attached = ofType(data, 'AWS::IAM::ManagedPolicy').filter(([, { Properties }]) =>
      JSON.stringify(Properties['Roles']).includes('ReadersBi'),
    );
    expect(attached).toHaveLength(1);
    expect(
      JSON.stringify(
        Object.values(data).map(({ Properties }) => [Properties['KeyPolicy'], Properties['PolicyDocument']]),
      ),
    ).not.toMatch(/"AWS":[^}]*ReadersBi/);
  });
});

describe('the role of PHI readers', () => {
  test('may read callhouse_phi, but not raw pages, staged files or state', () => {
    const phi = of(/^ReadersPhiPolicy/);
    expect(allows(phi, 's3:GetObject', `${lake()}/warehouse/phi/callhouse_phi/solum_calls/1.parquet`)).toBe(true);
    for (const prefix of ['raw/', 'staging/', 'commits/', 'digests/', 'confirmations/', 'progress/'])
      expect(allows(phi, 's3:GetObject', `${lake()}/${prefix}x`)).toBe(false);
    expect(allows(phi, 'glue:GetTable', glue('table/callhouse_staging/solum_calls'))).toBe(false);
  });
});

test('the buckets of data refuse objects that are encrypted with another key', () => {
  for (const [bucket, own] of [
    ['Lake', 'LakeKey'],
    ['Safe', 'SafeKey'],
  ] as const) {
    const policy = ofType(data, 'AWS::S3::BucketPolicy').find(([id]) => id.startsWith(`${bucket}Policy`))?.[1];
    const header = 's3:x-amz-server-side-encryption-aws-kms-key-id';
    expect(spell(policy?.Properties)).toContain(header);
    expect(JSON.stringify(policy?.Properties)).toContain(
      JSON.stringify({
        Null: { [header]: 'false' },
        StringNotEquals: { [header]: { 'Fn::GetAtt': [idOf('AWS::KMS::Key', own), 'Arn'] } },
      }),
    );
  }
});

describe('the role of an extractor', () => {
  test('may use only the objects and the secret of its own account', () => {
    const own = of(/^kalemdefaultExtractPolicy/);
    const bucket = 'arn:<AWS::Partition>:s3:::callhouse-test-lake-<AWS::AccountId>-<AWS::Region>';
    expect(allows(own, 's3:PutObject', `${bucket}/raw/kalem/default/calls/1.json`)).toBe(true);
    for (const action of ['s3:GetObject', 's3:DeleteObject'])
      expect(allows(own, action, `${bucket}/confirmations/kalem/default/calls/1-30-1.json`)).toBe(true);
    for (const other of [
      'raw/solum/default/1',
      'confirmations/solum/default/calls/1-30-1.json',
      'commits/kalem/north/1',
      'staging/solum_calls/acct=default/1',
      'warehouse/phi/callhouse_phi/kalem_calls/1',
    ]) {
      expect(allows(own, 's3:PutObject', `${bucket}/${other}`)).toBe(false);
      expect(allows(own, 's3:GetObject', `${bucket}/${other}`)).toBe(false);
    }
    const tables =
      'arn:<AWS::Partition>:s3:::callhouse-test-safe-<AWS::AccountId>-<AWS::Region>/warehouse/safe/callhouse';
    expect(allows(own, 's3:GetObject', `${tables}/kalem_calls/metadata/1.json`)).toBe(true);
    expect(allows(own, 's3:GetObject', `${tables}/solum_calls/metadata/1.json`)).toBe(false);
    const secret = (name: string) =>
      `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:callhouse/test/${name}-AbCdEf`;
    expect(allows(own, 'secretsmanager:GetSecretValue', secret('kalem/default'))).toBe(true);
    expect(allows(own, 'secretsmanager:GetSecretValue', secret('solum/default'))).toBe(false);
  });
});

test('every role that runs statements may read the entry of the catalog, which a statement over a view needs', () => {
  const runners = all.filter(({ actions }) => actions.includes('athena:StartQueryExecution')).map(({ in: id }) => id);
  expect(runners).toHaveLength(8);
  const catalog = 'arn:<AWS::Partition>:athena:<AWS::Region>:<AWS::AccountId>:datacatalog/AwsDataCatalog';
  for (const id of runners)
    expect([id, allows(of(new RegExp(id)), 'athena:GetDataCatalog', catalog)]).toEqual([id, true]);
});

describe('the roles of the loader and the maintenance', () => {
  test('only the maintenance may delete versions of tables, and only those of its databases', () => {
    const [load, maintain] = [of(/^WarehouseLoadPolicy/), of(/^WarehouseMaintainPolicy/)];
    for (const action of ['glue:GetTableVersions', 'glue:BatchDeleteTableVersion']) {
      for (const name of ['table/callhouse/loads', 'tableVersion/callhouse_phi/kalem_calls/7', 'catalog'])
        expect(allows(maintain, action, glue(name))).toBe(true);
      expect(allows(maintain, action, glue('table/default/loads'))).toBe(false);
      expect(allows(load, action, glue('table/callhouse/loads'))).toBe(false);
    }
  });
});

describe('every policy', () => {
  const allowed = () => all.filter(({ effect }) => effect === 'Allow');

  test('names its actions without wildcards', () => {
    expect(
      allowed()
        .flatMap(({ actions }) => actions)
        .filter((action) => action.includes('*')),
    ).toEqual([]);
  });

  test('names its resources, except in key policies and for two listing actions of Athena, which support only "*"', () => {
    const open = allowed().filter(
      ({ resources, in: id }) => resources.includes('*') && data[id]?.Type !== 'AWS::KMS::Key',
    );
    expect(open.map(({ in: id, actions }) => [id.replace(/Policy\w+$/, ''), ...actions])).toEqual([
      ['ReadersBi', 'athena:ListDataCatalogs', 'athena:ListWorkGroups'],
      ['ReadersPhi', 'athena:ListDataCatalogs', 'athena:ListWorkGroups'],
    ]);
  });

  test('denies plain HTTP, if it belongs to a bucket, and each bucket has one', () => {
    const policies = ofType(data, 'AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(ofType(data, 'AWS::S3::Bucket').length);
    for (const [id] of policies) {
      const denied = all.filter((statement) => statement.in === id && statement.effect === 'Deny');
      expect(denied.map(({ condition }) => condition)).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    }
  });
});

describe('the rules of AWS Solutions and HIPAA Security', () => {
  test('find nothing that we have not acknowledged', async () => {
    const { app, stacks, settings } = await makeStage();
    addChecks(app, stacks, settings);
    expect(() => app.synth()).not.toThrow();
  });

  test('find an unprotected bucket that this test adds', async () => {
    const { app, stacks, settings } = await makeStage();
    addChecks(app, stacks, settings);
    new Bucket(new Stack(app, 'Planted'), 'Open');
    expect(() => app.synth()).toThrow('AwsSolutions-S10');
  });

  test('are acknowledged only for the resources in acknowledged.txt', async () => {
    const { app, stacks, settings } = await makeStage();
    addChecks(app, stacks, settings);
    const found = app.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata
          .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
          .map(({ data }) => ({ path: node.path, data })),
      );
    expect(found.length).toBeGreaterThan(20);
    const lines = found.map(({ path, data }) => `${path} ${JSON.stringify(data)}`);
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('./acknowledged.txt');
  });
});
