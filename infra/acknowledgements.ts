import { Stack as CdkStack, CfnResource, type Stack, Validations } from 'aws-cdk-lib';
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from './constructs/statements.ts';

/** A rule that a kind of resource breaks on purpose. */
interface Acknowledgement {
  readonly id: string;
  readonly type: string;
  /** Only this one, by the end of its path. @default all of the type */
  readonly path?: string;
  readonly reason: string;
}

const ROTATION =
  "A vendor's credential is made in the vendor's console, which no Lambda can rotate; the key of the hashes must never change, or equal callers stop looking equal";

const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  { id: 'AwsSolutions-SMG4', type: 'AWS::SecretsManager::Secret', reason: ROTATION },
  { id: 'HIPAA.Security-SecretsManagerRotationEnabled', type: 'AWS::SecretsManager::Secret', reason: ROTATION },
  {
    id: 'HIPAA.Security-S3BucketReplicationEnabled',
    type: 'AWS::S3::Bucket',
    reason:
      'The vendors still have the data: a lost bucket is filled again by a backfill, and a copy would be one more place to erase from',
  },
  {
    id: 'HIPAA.Security-S3DefaultEncryptionKMS',
    type: 'AWS::S3::Bucket',
    path: 'AccessLogs/Resource',
    reason: 'S3 delivers access logs only to a bucket encrypted with its own keys',
  },
  {
    id: 'HIPAA.Security-LambdaInsideVPC',
    type: 'AWS::Lambda::Function',
    reason:
      'They call public vendor APIs and public endpoints of AWS, all by TLS, and nothing inside a VPC; one would add a NAT gateway and reach nothing new',
  },
];

const CONCURRENCY: Acknowledgement = {
  id: 'HIPAA.Security-LambdaConcurrency',
  type: 'AWS::Lambda::Function',
  reason:
    'An account with the starter quota of 10 cannot reserve any; a lease keeps copies apart, and the setting reservedConcurrency reserves',
};

/** Acknowledges what the stacks break on purpose, each resource by itself. */
export function acknowledge(
  stacks: readonly Stack[],
  { reservedConcurrency }: { readonly reservedConcurrency: boolean },
): void {
  const all = reservedConcurrency ? ACKNOWLEDGEMENTS : [...ACKNOWLEDGEMENTS, CONCURRENCY];
  for (const resource of stacks.flatMap((stack) => stack.node.findAll().filter(CfnResource.isCfnResource))) {
    for (const { id, type, path = '', reason } of all) {
      if (resource.cfnResourceType !== type || !resource.node.path.endsWith(path)) continue;
      Validations.of(resource).acknowledge({ id, reason });
    }
  }
}

/** Acknowledges the wildcards of a policy's resources, each by its exact text, with the reason its grant gives; one without stays an error. */
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

/** A resource as the rule spells it: references in angle brackets. */
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
