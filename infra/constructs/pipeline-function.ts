import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { logGroupName } from '../../functions/aws/names.ts';
import { OwnPolicy } from './own-policy.ts';
import { allow, type Grant } from './statements.ts';

/**
 * What a Lambda finds in its environment: names of deployed resources, and the settings of its stage.
 *
 * | variable | in | holds |
 * |---|---|---|
 * | `CALLHOUSE_STAGE` | all | the stage |
 * | `CALLHOUSE_BUCKET` | all | the lake bucket: the store |
 * | `CALLHOUSE_WORKGROUP` | all | Athena's workgroup for statements |
 * | `CALLHOUSE_DATABASE` | all | `databasePrefix` |
 * | `CALLHOUSE_SETTINGS` | all | JSON of the pipeline's settings; in an extractor those of its source alone |
 * | `CALLHOUSE_SOURCE`, `CALLHOUSE_ACCOUNT` | extract | what it extracts |
 * | `CALLHOUSE_SECRET` | extract | name of the secret with the credentials |
 * | `CALLHOUSE_HASH_SECRET` | extract | name of the secret with `CALLHOUSE_HASH_KEY` |
 * | `CALLHOUSE_SOURCES` | load, maintain | JSON `{source: [account]}` |
 */
export type PipelineEnvironment = Readonly<Record<`CALLHOUSE_${string}`, string>>;

/**
 * A small young generation: what a page leaves behind is let go sooner, 100 MB off the peak at no cost in CPU (`npm run bench`).
 * Half of the memory for the heap, the rest for pages in flight and code: what Node takes by itself on such a machine, said so that
 * it is measured alike everywhere.
 */
export function nodeOptions(memoryMb: number): string {
  return `--max-semi-space-size=8 --max-old-space-size=${Math.floor(memoryMb / 2)}`;
}

export interface PipelineFunctionProps {
  readonly stage: string;
  readonly functionName: string;
  readonly doc: string;
  /** File that exports `handler`. */
  readonly entry: string;
  readonly memoryMb: number;
  readonly environment: PipelineEnvironment;
  readonly grants: readonly Grant[];
  readonly logs: { readonly key: IKey; readonly days: RetentionDays };
  /** Takes the events that failed. */
  readonly deadLetters: IQueue;
  readonly reservedConcurrency: boolean;
}

/** A Lambda of the pipeline with a log group, a role and a policy of its own. */
export class PipelineFunction extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: logGroupName(props.stage, props.functionName),
      encryptionKey: props.logs.key,
      retention: props.logs.days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: props.doc,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    const policy = new OwnPolicy(this, 'Policy', role, [
      ...props.grants,
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
      allow(['sqs:SendMessage'], [props.deadLetters.queueArn]),
    ]);
    const lambda = new NodejsFunction(this, 'Function', {
      functionName: props.functionName,
      description: props.doc,
      entry: props.entry,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: Duration.minutes(15),
      // The policy above says everything; the CDK would add statements of its own.
      role: role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      deadLetterQueue: props.deadLetters,
      // The next tick goes on where this one ended; one repeat is for a container that died.
      retryAttempts: 1,
      maxEventAge: Duration.minutes(30),
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: 1 }),
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: 'callhouse',
        NODE_OPTIONS: nodeOptions(props.memoryMb),
      },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        // Names are kept, so that a stack trace reads without a source map, which would be larger than the code.
        esbuildArgs: { '--minify-syntax': true, '--minify-whitespace': true },
        bundleAwsSDK: true,
        // CommonJS packages inside an ES module call require.
        banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    lambda.node.addDependency(policy);
    this.functionArn = lambda.functionArn;
  }
}
