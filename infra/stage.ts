import type { App, Environment } from 'aws-cdk-lib';
import { Tags } from 'aws-cdk-lib';
import type { FieldIds } from '../schemas/derive/field-ids.ts';
import type { SourceInfo, StageSettings } from './config.ts';
import { DataStack } from './data-stack.ts';
import { stackName } from './names.ts';
import { OpsStack } from './ops-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';

export interface StageProps {
  readonly settings: StageSettings;
  readonly sources: readonly SourceInfo[];
  readonly fieldIds: FieldIds;
  /** Sources whose file is wrong, and which the stage does not name: their tables stay, their code is left out. @default none */
  readonly broken?: readonly SourceInfo[];
  /** AWS account and region, used if the settings name none. */
  readonly env?: Environment;
}

/** The three stacks of one stage. */
export interface StageStacks {
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
  readonly ops: OpsStack;
}

/** Adds the stacks of one stage to an app. */
export function addStage(
  app: App,
  stage: string,
  { settings, sources, fieldIds, broken = [], env }: StageProps,
): StageStacks {
  const account = settings.awsAccount ?? env?.account;
  const region = settings.region ?? env?.region;
  const common = {
    stage,
    settings,
    sources: [...sources, ...broken],
    env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) },
  };
  const survives = settings.removalPolicy === 'retain';
  const data = new DataStack(app, stackName(stage, 'Data'), {
    ...common,
    fieldIds,
    terminationProtection: survives,
    description: 'Callhouse: keys, buckets, tables and readers, which must survive',
  });
  const pipeline = new PipelineStack(app, stackName(stage, 'Pipeline'), {
    ...common,
    data,
    withoutSources: broken.map(({ name }) => name),
    description: 'Callhouse: Lambdas, schedules and the secrets of the vendors',
  });
  const ops = new OpsStack(app, stackName(stage, 'Ops'), {
    ...common,
    key: data.keys.ops,
    description: 'Callhouse: alarms, dashboard and budget',
  });
  pipeline.addStackDependency(data);
  ops.addStackDependency(data);
  for (const stack of [data, pipeline, ops]) {
    Tags.of(stack).add('project', 'callhouse');
    Tags.of(stack).add('stage', stage);
  }
  return { data, pipeline, ops };
}
