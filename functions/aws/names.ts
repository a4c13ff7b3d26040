/**
 * Names of a stage's resources on AWS that people or programs type, or by which one stack or command knows another's resources.
 * CloudFormation names the rest. `infra/` deploys under these names; the Lambdas and the command line find things by them.
 */

/** What every name begins with. */
const PRODUCT = 'callhouse';

/** Name of a resource of which a stage has one, and of the group of its schedules. */
export function stageName(stage: string): string {
  return `${PRODUCT}-${stage}`;
}

/** The Lambda that extracts one account of a source, and the schedule that invokes it. */
export function extractName(stage: string, source: string, account: string): string {
  return `${stageName(stage)}-extract-${source}-${account}`;
}

/** The Lambda that merges staged files into the tables. */
export function loadName(stage: string): string {
  return `${stageName(stage)}-load`;
}

/** The Lambda that compacts, expires and checks. */
export function maintainName(stage: string): string {
  return `${stageName(stage)}-maintain`;
}

/** An Athena workgroup: that of the loader and of maintenance, of the extractors, of readers of `callhouse`, or of `callhouse_phi`. */
export function workgroupName(stage: string, use: 'etl' | 'extract' | 'bi' | 'phi'): string {
  return `${stageName(stage)}-${use}`;
}

/** The secret with the credentials of one account. */
export function credentialsSecretName(stage: string, source: string, account: string): string {
  return `${PRODUCT}/${stage}/${source}/${account}`;
}

/** The secret with the HMAC key of the `_hash` columns. */
export function hashSecretName(stage: string): string {
  return `${PRODUCT}/${stage}/hash-key`;
}

/** The secret with the key of the ledger of erased records. */
export function erasureSecretName(stage: string): string {
  return `${PRODUCT}/${stage}/erasure-key`;
}

/** The queue of events that no Lambda could finish. */
export function deadLetterQueueName(stage: string): string {
  return `${stageName(stage)}-dead-letters`;
}

/** The log group of a Lambda. */
export function logGroupName(stage: string, functionName: string): string {
  return `${logGroupPrefix(stage)}${functionName}`;
}

/** What the names of a stage's log groups begin with. */
export function logGroupPrefix(stage: string): string {
  return `/${PRODUCT}/${stage}/`;
}

/** What a secret holds until its owner stores the credential. */
export const PLACEHOLDER = 'REPLACE_ME';
