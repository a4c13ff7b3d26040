import { Stack as CdkStack, CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from './constructs/statements.ts';

/** A rule of cdk-nag or Checkov (`CKV_…`) that a type of resource breaks on purpose. */
interface Acknowledgement {
  readonly id: string;
  readonly type: string;
  /** End of the construct path, to acknowledge one resource only. @default every resource of the type */
  readonly path?: string;
  readonly reason: string;
}

const ROTATION =
  "A vendor's credential is created in the vendor's console, so no Lambda can rotate it. The hash key is replaced by hand, because everything that is stored is then hashed anew; the erasure key never changes, or erased records would be stored again";

const NO_VPC =
  'The Lambdas call public vendor APIs and public AWS endpoints, all over TLS, and nothing inside a VPC; a VPC would add a NAT gateway and reach nothing new';
const NO_CONCURRENCY =
  'An AWS account with the initial quota of 10 cannot reserve concurrency. A lease keeps two copies from running at once; the setting reservedConcurrency also reserves';

const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  { id: 'AwsSolutions-SMG4', type: 'AWS::SecretsManager::Secret', reason: ROTATION },
  { id: 'HIPAA.Security-SecretsManagerRotationEnabled', type: 'AWS::SecretsManager::Secret', reason: ROTATION },
  {
    id: 'HIPAA.Security-S3BucketReplicationEnabled',
    type: 'AWS::S3::Bucket',
    reason:
      'The vendors still have the data, so a backfill can refill a lost bucket; a copy would be one more place to erase data from',
  },
  {
    id: 'HIPAA.Security-S3DefaultEncryptionKMS',
    type: 'AWS::S3::Bucket',
    path: 'AccessLogs/Resource',
    reason: 'S3 delivers access logs only to a bucket that uses S3-managed keys',
  },
  { id: 'HIPAA.Security-LambdaInsideVPC', type: 'AWS::Lambda::Function', reason: NO_VPC },
  { id: 'CKV_AWS_117', type: 'AWS::Lambda::Function', reason: NO_VPC },
  {
    id: 'CKV_AWS_173',
    type: 'AWS::Lambda::Function',
    reason:
      'The variables hold names of deployed resources and settings, no credential. AWS encrypts them with a key of its own',
  },
  {
    id: 'CKV_AWS_18',
    type: 'AWS::S3::Bucket',
    path: 'AccessLogs/Resource',
    reason: 'It holds the access logs of the other buckets; logs of reading them would never end',
  },
  {
    id: 'CKV_AWS_27',
    type: 'AWS::SQS::Queue',
    reason:
      'A message is an event: a source, an account and a time, but no record data. SQS encrypts it with a key of its own',
  },
];

const CONCURRENCY: readonly Acknowledgement[] = ['HIPAA.Security-LambdaConcurrency', 'CKV_AWS_115'].map((id) => {
  return { id, type: 'AWS::Lambda::Function', reason: NO_CONCURRENCY };
});

/** Acknowledges the rules that the stacks break on purpose, separately for each resource. */
export function acknowledge(
  stacks: readonly Stack[],
  { reservedConcurrency }: { readonly reservedConcurrency: boolean },
): void {
  const all = reservedConcurrency ? ACKNOWLEDGEMENTS : [...ACKNOWLEDGEMENTS, ...CONCURRENCY];
  for (const resource of stacks.flatMap((stack) => stack.node.findAll().filter(CfnResource.isCfnResource))) {
    const own = all.filter(
      ({ type, path = '' }) => resource.cfnResourceType === type && resource.node.path.endsWith(path),
    );
    const checkov = own.filter(({ id }) => id.startsWith('CKV_'));
    for (const one of own.filter((one) => !checkov.includes(one)))
      Validations.of(resource).acknowledge({ id: one.id, reason: one.reason });
    // Checkov reads the template, where it finds its acknowledgements in the resource's metadata.
    if (checkov.length > 0)
      resource.addMetadata('checkov', { skip: checkov.map(({ id, reason }) => ({ id, comment: reason })) });
  }
}

/** Acknowledges each wildcard in a policy's resources by its exact text, with the reason from its grant. A wildcard without a reason stays an error. */
export function acknowledgeWildcards(policy: ManagedPolicy, grants: readonly Grant[]): void {
  for (const { statement, wildcard } of grants) {
    if (!wildcard) continue;
    for (const resource of statement.resources
      .map((arn) => flatten(policy, arn))
      .filter((text) => text.includes('*'))) {
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: wildcard });
    }
  }
}

/** A resource ARN as cdk-nag writes it: references in angle brackets. */
function flatten(scope: Construct, arn: string): string {
  return spell(CdkStack.of(scope).resolve(arn));
}

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (node['Fn::Join']) return node['Fn::Join'][1].map(spell).join(node['Fn::Join'][0]);
  if (node['Fn::GetAtt']) return `<${node['Fn::GetAtt'].join('.')}>`;
  return `<${node.Ref}>`;
}
