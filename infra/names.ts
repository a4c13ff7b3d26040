import type { Stack } from 'aws-cdk-lib';
import { stageName } from '../functions/aws/names.ts';

/** The bucket of one kind of data. Names of buckets are unique in the world, hence account and region. */
export function bucketName(stack: Stack, stage: string, holds: 'lake' | 'safe'): string {
  return `${stageName(stage)}-${holds}-${stack.account}-${stack.region}`;
}

/** `Callhouse-<stage>-Data`, `-Pipeline`, `-Ops`. */
export function stackName(stage: string, part: 'Data' | 'Pipeline' | 'Ops'): string {
  return `Callhouse-${stage}-${part}`;
}
