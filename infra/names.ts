import type { Stack } from 'aws-cdk-lib';

/** Names that people or programs type, or by which one stack refers to another's resource. CloudFormation names everything else. */

/** A bucket. Bucket names are unique worldwide, so this one contains the account and region. */
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

/** The Lambda that merges staged rows into the tables. */
export function loadName(stage: string): string {
  return `callhouse-${stage}-load`;
}

/** The Lambda that compacts and checks the tables. */
export function maintainName(stage: string): string {
  return `callhouse-${stage}-maintain`;
}

/** An Athena workgroup: `etl` for the pipeline, `bi` for readers of `callhouse`, `phi` for readers of `callhouse_phi`. */
export function workgroupName(stage: string, use: 'etl' | 'bi' | 'phi'): string {
  return `callhouse-${stage}-${use}`;
}

/** The secret with the credentials of one account. */
export function credentialsSecretName(stage: string, source: string, account: string): string {
  return `callhouse/${stage}/${source}/${account}`;
}

/** The secret with the hash key. */
export function hashSecretName(stage: string): string {
  return `callhouse/${stage}/hash-key`;
}

/** The queue of events on which a Lambda failed. */
export function deadLetterQueueName(stage: string): string {
  return `callhouse-${stage}-dead-letters`;
}

/** The log group of a Lambda. */
export function logGroupName(stage: string, functionName: string): string {
  return `${logGroupPrefix(stage)}${functionName}`;
}

/** Prefix of the names of a stage's log groups. */
export function logGroupPrefix(stage: string): string {
  return `/callhouse/${stage}/`;
}
