import path from 'node:path';
import { ArnFormat, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  deadLetterQueueName,
  extractName,
  loadName,
  maintainName,
  stageName,
  workgroupName,
} from '../functions/aws/names.ts';
import { accountsOf, type SourceInfo, type StageSettings } from './config.ts';
import { OwnPolicy } from './constructs/own-policy.ts';
import type { PipelineParts } from './constructs/pipeline-parts.ts';
import { SourceExtractor } from './constructs/source-extractor.ts';
import { allow } from './constructs/statements.ts';
import { WarehouseFunctions } from './constructs/warehouse-functions.ts';
import type { DataStack } from './data-stack.ts';
import { bucketName } from './names.ts';

export interface PipelineStackProps extends StackProps {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly sources: readonly SourceInfo[];
  readonly data: DataStack;
  /** Sources whose file is wrong. @default none */
  readonly withoutSources?: readonly string[];
}

/** Lambdas that one statement names: an ARN has up to 120 characters, and IAM accepts 6,144 in a policy. */
const FUNCTIONS_OF_A_STATEMENT = 40;

/** Lambdas, schedules and the secrets with the vendors' credentials. The stack can be deleted and deployed again at any time. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    // Indented, the template of 50 accounts would have more than the 1 MB that CloudFormation reads.
    super(scope, id, { ...props, suppressTemplateIndentation: true });
    const parts = this.makeParts(props);
    for (const { source: name, account } of accountsOf(props.settings)) {
      const source = props.sources.find((one) => one.name === name);
      if (source) new SourceExtractor(this, `${name}-${account}`, { source, account, parts });
    }
    new WarehouseFunctions(this, 'Warehouse', parts);
  }

  private makeParts({ stage, settings, data, withoutSources = [] }: PipelineStackProps): PipelineParts {
    const deadLetters = this.makeDeadLetters(stage);
    const group = new CfnScheduleGroup(this, 'Schedules', { name: stageName(stage) });
    const functions = accountsOf(settings).map(({ source, account }) => extractName(stage, source, account));
    const scheduler = this.makeSchedulerRole(stage, [...functions, loadName(stage), maintainName(stage)], deadLetters);
    const bucket = (holds: 'lake' | 'safe') =>
      Bucket.fromBucketName(this, `${holds}Bucket`, bucketName(this, stage, holds));
    const buckets = { lake: bucket('lake'), safe: bucket('safe') };
    // By ARN: given the key objects, the CDK would add statements to their policies.
    const key = (id: keyof DataStack['keys']) => Key.fromKeyArn(this, `${id}Key`, data.keys[id].keyArn);
    const keys = { lake: key('lake'), safe: key('safe'), ops: key('ops') };
    return {
      stage,
      settings,
      keys,
      buckets,
      entryOf: (part) => path.join(import.meta.dirname, `../functions/aws/lambda/${part}-lambda.ts`),
      environment: {
        CALLHOUSE_STAGE: stage,
        CALLHOUSE_BUCKET: buckets.lake.bucketName,
        CALLHOUSE_WORKGROUP: workgroupName(stage, 'etl'),
        CALLHOUSE_DATABASE: settings.databasePrefix,
      },
      functionDefaults: {
        stage,
        logs: { key: keys.ops, days: settings.retention.logDays },
        deadLetters,
        reservedConcurrency: settings.reservedConcurrency,
        withoutSources,
      },
      schedule: {
        group: group.ref,
        enabled: settings.schedules.enabled,
        roleArn: scheduler.roleArn,
        deadLetterArn: deadLetters.queueArn,
      },
    };
  }

  /** Its messages are events: a source, an account and a time, but no record data. */
  private makeDeadLetters(stage: string): Queue {
    return new Queue(this, 'DeadLetters', {
      queueName: deadLetterQueueName(stage),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }

  private makeSchedulerRole(stage: string, functionNames: readonly string[], deadLetters: IQueue): Role {
    const group = this.formatArn({
      service: 'scheduler',
      resource: 'schedule-group',
      resourceName: stageName(stage),
    });
    const role = new Role(this, 'SchedulerRole', {
      description: 'Invokes the Lambdas when they are due',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account, 'aws:SourceArn': group } },
      }),
    });
    const functions = functionNames.map((name) =>
      this.formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    const parts: string[][] = [];
    for (let from = 0; from < functions.length; from += FUNCTIONS_OF_A_STATEMENT)
      parts.push(functions.slice(from, from + FUNCTIONS_OF_A_STATEMENT));
    new OwnPolicy(this, 'SchedulerPolicy', role, [
      ...parts.map((part) => allow(['lambda:InvokeFunction'], part)),
      allow(['sqs:SendMessage'], [deadLetters.queueArn]),
    ]);
    return role;
  }
}
