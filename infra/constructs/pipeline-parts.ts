import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { StageSettings } from '../config.ts';
import type { PipelineEnvironment, PipelineFunctionProps } from './pipeline-function.ts';
import type { RunScheduleProps } from './run-schedule.ts';

/** Resources and defaults that the Lambdas of one stage share. */
export interface PipelineParts {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly keys: { readonly lake: IKey; readonly safe: IKey; readonly ops: IKey };
  readonly buckets: { readonly lake: IBucket; readonly safe: IBucket };
  readonly environment: PipelineEnvironment;
  readonly entryOf: (part: 'extract' | 'load' | 'maintain') => string;
  readonly functionDefaults: Pick<
    PipelineFunctionProps,
    'stage' | 'logs' | 'deadLetters' | 'reservedConcurrency' | 'withoutSources'
  >;
  readonly schedule: Pick<RunScheduleProps, 'group' | 'enabled' | 'roleArn' | 'deadLetterArn'>;
}
