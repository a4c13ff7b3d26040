import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { cdkIn, PROJECT } from './cdk.ts';
import { baseUrls } from './deploy-app.ts';
import type { Engines } from './engines.ts';
import { expect, expectNone } from './report.ts';
import { expectUnchanged, type RunState, readTables } from './run-state.ts';

/** What the stage `prod` names: its resources, its databases and its secrets. */
const PROD = 'callhouse[-_/]prod';
const SANDBOX = 'callhouse[-_/]sandbox';

/** Further stages in the same account, as docs/aws.md describes them: after a first deploy that failed, and until they are destroyed. */
export async function deployStages(state: RunState): Promise<void> {
  const { report, engines, worlds, standin } = state;
  const cdk = cdkIn(PROJECT, engines, baseUrls(worlds));
  const before = await readTables(state);
  await report.check(
    'a first deploy of stage prod that fails leaves two buckets, with what Glue wrote for tables',
    async () => {
      await standin.failResource('AWS::Athena::WorkGroup');
      const failed = await cdk.deploy('prod').then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(failed !== undefined, 'it did not fail');
      const buckets = ['lake', 'safe'].map((holds) => `callhouse-prod-${holds}-000000000000-us-east-1`);
      expectNone((await standin.named(PROD)).filter((name) => !buckets.some((bucket) => name === `bucket ${bucket}`)));
      for (const bucket of buckets)
        for await (const key of s3Store({ bucket }).list(''))
          expect(key.startsWith('warehouse/'), `${bucket} has ${key}`);
    },
  );
  await report.check(
    'once they are deleted and the failed stack is not protected, prod is deployed beside dev',
    async () => {
      await standin.emptyBuckets(PROD, true);
      await unprotect(engines, 'Callhouse-prod-Data');
      const outputs = await cdk.deploy('prod');
      const databases = outputs['Callhouse-prod-Data']?.['Databases'];
      expect(databases === 'callhouse_prod,callhouse_prod_phi,callhouse_prod_staging', `its databases: ${databases}`);
      return `${(await standin.named(PROD)).length} named resources`;
    },
  );
  await report.check('the tables of dev are as they were', () => expectUnchanged(state, before));
  await report.check('destroying its Ops and Pipeline keeps its data; its Data is protected', async () => {
    await cdk.destroy('prod', 'Callhouse-prod-Ops', 'Callhouse-prod-Pipeline');
    const left = await standin.named(PROD);
    expectNone(left.filter((name) => /^(Lambda|queue) /.test(name)));
    const kinds = new Set(left.map((name) => name.split(' ')[0]));
    expectNone(['bucket', 'database', 'workgroup', 'alias', 'secret'].filter((kind) => !kinds.has(kind)));
    const refused = await cdk.destroy('prod', 'Callhouse-prod-Data').then(
      () => false,
      () => true,
    );
    expect(refused, 'the data stack was destroyed');
    expect((await standin.named(PROD)).length === left.length, 'some of the data is gone');
  });
  await destroySandbox(state, cdk);
}

async function destroySandbox({ report, standin }: RunState, cdk: ReturnType<typeof cdkIn>): Promise<void> {
  await report.check('stage sandbox is deployed, and not destroyed while a bucket has objects', async () => {
    const outputs = await cdk.deploy('sandbox');
    const store = s3Store({ bucket: outputs['Callhouse-sandbox-Data']?.['Bucket'] ?? '' });
    await store.put('raw/one', Buffer.from('{}'));
    const refused = await cdk.destroy('sandbox').then(
      () => false,
      () => true,
    );
    expect(refused, 'it was destroyed with its objects');
  });
  await report.check(
    'once they are emptied, its destroy leaves nothing but the bucket of the access logs',
    async () => {
      await standin.emptyBuckets(SANDBOX);
      await cdk.destroy('sandbox');
      const left = await standin.named(SANDBOX);
      expect(left.length === 1 && /^bucket .*accesslogs/.test(left[0] ?? ''), left.join(', '));
    },
  );
}

/** As `aws cloudformation update-termination-protection` does; the project has no client for it. */
async function unprotect({ awsPort }: Engines, stack: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${awsPort}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: new URLSearchParams({
      ...{ Action: 'UpdateTerminationProtection', Version: '2010-05-15' },
      ...{ StackName: stack, EnableTerminationProtection: 'false' },
    }),
  });
  expect(answer.ok, `UpdateTerminationProtection was answered ${answer.status}`);
}
