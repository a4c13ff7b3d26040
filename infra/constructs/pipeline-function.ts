import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { logGroupName } from '../../functions/aws/names.ts';
import { ConfigError } from '../../functions/errors.ts';
import { OwnPolicy } from './own-policy.ts';
import { allow, type Grant } from './statements.ts';

/**
 * Environment variables of a Lambda: names of deployed resources, and the settings of its stage.
 *
 * | variable | in | holds |
 * |---|---|---|
 * | `CALLHOUSE_STAGE` | all | name of the stage |
 * | `CALLHOUSE_BUCKET` | all | name of the lake bucket |
 * | `CALLHOUSE_WORKGROUP` | all | name of the Athena workgroup for statements |
 * | `CALLHOUSE_DATABASE` | all | `databasePrefix` |
 * | `CALLHOUSE_SETTINGS` | all | JSON of the pipeline's settings; an extractor also gets those of its source |
 * | `CALLHOUSE_SOURCE`, `CALLHOUSE_ACCOUNT` | extract | source and account to extract |
 * | `CALLHOUSE_SECRET` | extract | name of the secret with the credentials |
 * | `CALLHOUSE_HASH_SECRET` | extract | name of the secret with `CALLHOUSE_HASH_KEY` |
 * | `CALLHOUSE_ERASURE_SECRET` | extract | name of the secret with `CALLHOUSE_ERASURE_KEY` |
 * | `CALLHOUSE_SOURCES` | load, maintain | JSON `{source: [account]}`, those that are extracted |
 * | `CALLHOUSE_STAGING_DAYS` | maintain | `retention.stagingDays` |
 * | `CALLHOUSE_SAFE_BUCKET` | maintain | bucket for the manager's page, if `report.publish` is set |
 */
export type PipelineEnvironment = Readonly<Record<`CALLHOUSE_${string}`, string>>;

/**
 * V8 flags for a Lambda. A young generation of 8 MiB frees the memory of a page sooner: the peak is 100 MB lower, with no more CPU
 * time (`npm run bench`). The heap gets half of the memory, pages in flight and code the rest. That is Node's default on such a
 * machine; we set it so that measurements elsewhere use the same.
 * @param memoryMb memory of the Lambda in MiB
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
  /** Receives the events on which the Lambda failed. */
  readonly deadLetters: IQueue;
  readonly reservedConcurrency: boolean;
  /** Sources that are left out of the code, because their file is wrong. */
  readonly withoutSources: readonly string[];
}

/**
 * Bytes of the environment variables of a Lambda.
 * @see {@link https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html}
 */
const ENVIRONMENT_BYTES = 4096;
/** Of those, what the variables that every Lambda has take at most. */
const OTHER_BYTES = 120;

/** @throws ConfigError if the settings do not fit into the environment: AWS refuses it only when the data stack is deployed */
function checkSize({ functionName, environment }: PipelineFunctionProps): void {
  const bytes = Buffer.byteLength(JSON.stringify(environment)) + OTHER_BYTES;
  if (bytes <= ENVIRONMENT_BYTES) return;
  throw new ConfigError(
    `callhouse.config.ts: the settings of Lambda ${functionName} take ${bytes} bytes, and AWS allows ${ENVIRONMENT_BYTES}; shorten the lists of its source (safeValues, ownUserIds, tiers, accounts)`,
  );
}

/** A Lambda of the pipeline with its own log group, role and policy. */
export class PipelineFunction extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    checkSize(props);
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
      // The policy above grants everything; the CDK would add further statements.
      role: role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      deadLetterQueue: props.deadLetters,
      // The next scheduled run continues where this one ended. One retry is for a container that died.
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
        // Names stay unminified, so a stack trace is readable without a source map, which would be larger than the code.
        esbuildArgs: { '--minify-syntax': true, '--minify-whitespace': true },
        bundleAwsSDK: true,
        // As the registry imports them. A file with wrong syntax would stop the bundles of all vendors.
        externalModules: props.withoutSources.map((name) => `../sources/${name}.ts`),
        // CommonJS packages inside an ES module call require.
        banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    lambda.node.addDependency(policy);
    this.functionArn = lambda.functionArn;
  }
}
