import type { Stack } from 'aws-cdk-lib';

/** Names that people and programs type, or that one stack knows another's resources by; the rest is named by CloudFormation. */

/** The bucket of one kind of data; a bucket's name is unique in the world, hence account and region. */
export function bucketName(stack: Stack, stage: string, holds: 'lake' | 'safe'): string {
  return `callhouse-${stage}-${holds}-${stack.account}-${stack.region}`;
}

/** `Callhouse-<stage>-Data`, `-Pipeline`, `-Ops`. */
export function stackName(stage: string, part: 'Data' | 'Pipeline' | 'Ops'): string {
  return `Callhouse-${stage}-${part}`;
}

/** The Lambda that extracts one account of a source. */
export function extractName(stage: string, source: string, account: string): string {
  return `callhouse-${stage}-extract-${source}-${account}`;
}

/** The Lambda that merges what was staged. */
export function loadName(stage: string): string {
  return `callhouse-${stage}-load`;
}

/** The Lambda that compacts, expires and checks. */
export function maintainName(stage: string): string {
  return `callhouse-${stage}-maintain`;
}

/** Athena's workgroups: the pipeline's own, that of readers of `callhouse`, that of readers of `callhouse_phi`. */
export function workgroupName(stage: string, use: 'etl' | 'bi' | 'phi'): string {
  return `callhouse-${stage}-${use}`;
}

/** The secret with the credentials of one account. */
export function credentialsSecretName(stage: string, source: string, account: string): string {
  return `callhouse/${stage}/${source}/${account}`;
}

/** The secret with the key of the hashes. */
export function hashSecretName(stage: string): string {
  return `callhouse/${stage}/hash-key`;
}

/** The queue of events that no Lambda could finish. */
export function deadLetterQueueName(stage: string): string {
  return `callhouse-${stage}-dead-letters`;
}

/** The log group of a Lambda. */
export function logGroupName(stage: string, functionName: string): string {
  return `${logGroupPrefix(stage)}${functionName}`;
}

/** What the log groups of a stage begin with. */
export function logGroupPrefix(stage: string): string {
  return `/callhouse/${stage}/`;
}
