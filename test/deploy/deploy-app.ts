import { cdkIn, type Outputs, PROJECT, typesIn } from './cdk.ts';
import type { Engines } from './engines.ts';
import { expect, expectNone, type Report } from './report.ts';
import type { Standin } from './standin.ts';
import type { Worlds } from './world.ts';

/** Types that something beside ministack itself makes, each with the reason. */
const LACKING: Readonly<Record<string, string>> = {
  'AWS::Budgets::Budget':
    "ministack's CloudFormation does not know it and refuses the template; made by its Budgets API here",
  'AWS::Athena::NamedQuery': "ministack's CloudFormation does not know it; made by its Athena API here",
};

/** What is made, and does not do there what it does on AWS. */
const WEAKER: readonly string[] = [
  'AWS::IAM::*, AWS::KMS::*, bucket policies: not enforced; test/infra/security.test.ts reads the policies instead',
  "AWS::Lambda::Function DeadLetterConfig, AWS::S3::Bucket LifecycleConfiguration: dropped by ministack's CloudFormation; test/deploy/aws_faults.py keeps them, delivers dead letters, and lets objects expire when it is told to",
  'AWS::Lambda::Function MemorySize, Architectures: not enforced; the Lambdas run as Node 24 on this machine',
  'AWS::Scheduler::Schedule: its clock is the simulated one, and <aws.scheduler.scheduled-time> is put in by test/deploy/standin.py; its DLQ is not there',
  'AWS::Glue::Table with IcebergTableInput: made by Trino, which numbers field ids itself and keeps no table properties; a list as JSON text is read by test/deploy/standin.py',
  'AWS::CloudWatch::Alarm, Dashboard, EMF: made; lines of the log become no metrics',
  'AWS::Athena::WorkGroup: cutoffs and enforced settings are kept, not applied; SQL runs on Trino 476',
];

/** The addresses of the simulators, as the app takes them at synth. */
export function baseUrls({ vendors }: Pick<Worlds, 'vendors'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(vendors.env).filter(([name]) => name.endsWith('_BASE_URL')));
}

/** Bootstraps the account and deploys the app as it is committed. */
export async function deployApp(report: Report, engines: Engines, standin: Standin, worlds: Worlds): Promise<Outputs> {
  const cdk = cdkIn(PROJECT, engines, baseUrls(worlds));
  await report.check('the stock CDK CLI bootstraps the account', async () => void (await cdk.bootstrap()), {
    needed: true,
  });
  const outputs = await report.check('and deploys the unchanged app', async () => cdk.deploy(), { needed: true });
  await report.check('its outputs name region, workgroup, databases, results, bucket and reader roles', async () => {
    const data = outputs?.['Callhouse-dev-Data'] ?? {};
    const names = ['Region', 'Workgroup', 'Databases', 'ResultsLocation', 'Bucket', 'BiReaderRole', 'PhiReaderRole'];
    expectNone(names.filter((name) => !data[name]).map((name) => `${name} is missing`));
    expect(data['Databases'] === 'callhouse,callhouse_phi,callhouse_staging', `Databases is ${data['Databases']}`);
  });
  await report.check('every type of resource has a declared maker', async () => {
    const { byMinistack, byEngines, here } = await standin.describe();
    const types = await typesIn(engines.run);
    expectNone(types.filter((type) => ![...byMinistack, ...byEngines, ...here].includes(type)));
    expectNone(types.filter((type) => [...byEngines, ...here].includes(type) && !LACKING[type]));
    for (const type of types) if (LACKING[type]) report.note(`lacking: ${type}: ${LACKING[type]}`);
    for (const line of WEAKER) report.note(`weaker: ${line}`);
    return `${types.length} types`;
  });
  return outputs ?? {};
}
