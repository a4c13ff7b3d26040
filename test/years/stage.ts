import { randomUUID } from 'node:crypto';
import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { glueTableVersions } from '../../functions/aws/glue/table-versions.ts';
import type { EmitMetric } from '../../functions/aws/lambda/emf-metrics.ts';
import { runExtract } from '../../functions/aws/lambda/extract-lambda.ts';
import {
  type MaintainEnv,
  readExtractEnv,
  readMaintainEnv,
  readWarehouseEnv,
  type WarehouseEnv,
} from '../../functions/aws/lambda/lambda-env.ts';
import { lambdaProcess } from '../../functions/aws/lambda/lambda-ports.ts';
import { runLoad } from '../../functions/aws/lambda/load-lambda.ts';
import { runMaintain } from '../../functions/aws/lambda/maintain-lambda.ts';
import type { WarehousePorts } from '../../functions/aws/lambda/warehouse-ports.ts';
import { deadLetterQueueName, extractName, loadName, maintainName, workgroupName } from '../../functions/aws/names.ts';
import { awsSecrets } from '../../functions/aws/secrets/aws-secrets.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { vendorHttp } from '../../functions/http/vendor-http.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Ports, Store } from '../../functions/ports.ts';
import { makeStage, ofType, pick, type Resource, resourcesOf, spell } from '../helpers/infra.ts';
import type { SecretsServer } from '../helpers/secrets-server.ts';
import type { CloudWatch } from './alarms.ts';
import type { AthenaOnDuckdb } from './athena-on-duckdb.ts';
import type { LifecycleRule } from './bucket.ts';

/** Name of the stage. */
export const STAGE = 'test';
const CLIENT = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' }, maxAttempts: 1 };

/** What CDK would deploy: variables of the Lambdas by name, alarms, rules of the lake's bucket, and accounts that a staging table lists. */
export interface Template {
  readonly variables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly alarms: readonly Resource[];
  readonly rules: readonly LifecycleRule[];
  readonly projected: AthenaOnDuckdb['projected'];
}

/** Synthesises a stage with these settings. */
export async function synthesise(settings: object): Promise<Template> {
  const { stacks } = await makeStage(settings);
  const of = (stack: keyof typeof stacks, type: string) =>
    ofType(resourcesOf(stacks[stack]), type).map(([, resource]) => resource);
  const variables = of('pipeline', 'AWS::Lambda::Function').map(({ Properties }) => {
    const given = pick<Record<string, unknown>>(Properties, 'Environment.Variables');
    return [
      String(Properties['FunctionName']),
      Object.fromEntries(Object.entries(given).map(([name, value]) => [name, spell(value)])),
    ] as const;
  });
  const lake = of('data', 'AWS::S3::Bucket').find(({ Properties }) =>
    spell(Properties['BucketName'] ?? '').includes('-lake-'),
  );
  return {
    variables: Object.fromEntries(variables),
    alarms: of('ops', 'AWS::CloudWatch::Alarm'),
    rules: pick<LifecycleRule[]>(lake?.Properties, 'LifecycleConfiguration.Rules'),
    projected: projectionOf(of('data', 'AWS::Glue::Table')),
  };
}

/** Accounts that staging tables list, by table. One whose account is injected by the statement lists none. */
function projectionOf(tables: readonly Resource[]): Template['projected'] {
  const listed = tables.flatMap(({ Properties }) => {
    const { Name: name, Parameters: parameters = {} } = pick<StagingInput>(Properties, 'TableInput') ?? {};
    const accounts = parameters['projection.acct.values'];
    return name === undefined || accounts === undefined ? [] : [[name, accounts.split(',')] as const];
  });
  return Object.fromEntries(listed);
}

interface StagingInput {
  readonly Name?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
}

/** The parts of AWS that the Lambdas of a stage reach. */
export interface Surroundings {
  readonly store: Store;
  readonly athena: AthenaOnDuckdb;
  readonly secrets: SecretsServer;
  readonly cloudWatch: CloudWatch;
  /** Called when a stage's time moves, ms. */
  readonly moveTo: (at: number) => void;
}

/** How an invocation ended; `failed` if the Lambda threw. */
export type Ended = { readonly exitCode: number; readonly error?: string | undefined } | 'failed';

/** A stage whose Lambdas run in this process. Each runs at the time of its event; only its own waiting takes time. */
export interface Stage {
  readonly extract: (source: string, account: string, at: number, store?: Store) => Promise<Ended>;
  readonly load: (at: number) => Promise<Ended>;
  readonly maintain: (at: number) => Promise<Ended>;
  /** Readers scan so many bytes in a workgroup. */
  readonly read: (use: 'bi' | 'phi', bytes: number, at: number) => void;
  /** Events that Lambda gave up on. */
  readonly deadLetters: unknown[];
  deploy(template: Template, at: number): void;
}

/** Opens a stage that is not deployed yet. */
export function openStage(world: Surroundings): Stage {
  const { store, athena, secrets, cloudWatch, moveTo } = world;
  const deadLetters: unknown[] = [];
  let deployed: Template['variables'] = {};

  function emitAt(at: number): EmitMetric {
    return (name, value, of) => cloudWatch.put(name, { stage: STAGE, ...of }, value, at);
  }
  const output = (at: number) => ({ emit: emitAt(at), log: () => {} });
  const clockAt = (at: number) => {
    let ms = at;
    moveTo(at);
    const now = () => ms;
    const sleep = async (pause: number) => {
      ms += pause;
      moveTo(ms);
    };
    return { now, sleep, random: Math.random, remainingMs: () => at + 13 * 60_000 - ms };
  };

  function warehouse(env: WarehouseEnv, at: number): WarehousePorts {
    const clock = clockAt(at);
    const onScanned = (bytes: number) => emitAt(at)('ScannedBytes', bytes);
    const client = { ...CLIENT, endpoint: athena.server.url };
    const engine = athenaEngine({ ...env, ...clock, store, onScanned, client });
    return { ...clock, store, engine, log: () => {}, process: lambdaProcess({ awsRequestId: randomUUID() }) };
  }

  function extractor(name: string, at: number, lake: Store): Ports {
    const env = readExtractEnv(deployed[name]);
    const client = { ...CLIENT, endpoint: secrets.url };
    return {
      ...{ ...nodePorts, ...clockAt(at), store: lake, fetch: vendorHttp({}), log: () => {} },
      secrets: awsSecrets({ nameOf: () => env.secret, client }),
      hashKey: () => stageHashKey(store, env.hashSecret, client),
      parquet: findWriter(env.settings.parquetWriter),
      process: lambdaProcess({ awsRequestId: randomUUID() }),
    };
  }

  /** Lambda repeats an event once on which a function throws, then gives it up. */
  async function invoke<T extends object>(event: unknown, at: number, work: () => Promise<T>): Promise<T | 'failed'> {
    let result: T | 'failed' = 'failed';
    for (let tries = 0; tries < 2 && result === 'failed'; tries += 1) result = await work().catch(() => 'failed');
    if (result === 'failed') deadLetters.push(event);
    const metric = 'ApproximateNumberOfMessagesVisible';
    cloudWatch.put(metric, { QueueName: deadLetterQueueName(STAGE) }, deadLetters.length, at);
    return result;
  }

  return {
    deadLetters,
    deploy(template, at) {
      deployed = template.variables;
      athena.projected = template.projected;
      cloudWatch.deploy(template.alarms, at);
    },
    extract(source, account, at, lake = store) {
      const name = extractName(STAGE, source, account);
      const event = { source, account, at: new Date(at).toISOString(), scheduled: true };
      const run = () => runExtract(event, readExtractEnv(deployed[name]), () => extractor(name, at, lake), output(at));
      return invoke(event, at, run);
    },
    load(at) {
      const env = readWarehouseEnv(deployed[loadName(STAGE)]);
      return invoke({}, at, () => runLoad(env, () => warehouse(env, at), output(at)));
    },
    read(use, bytes, at) {
      cloudWatch.put('ProcessedBytes', { WorkGroup: workgroupName(STAGE, use) }, bytes, at);
    },
    maintain(at) {
      const env: MaintainEnv = readMaintainEnv(deployed[maintainName(STAGE)]);
      const event = { at: new Date(at).toISOString() };
      const versions = () => glueTableVersions({ ...CLIENT, endpoint: athena.server.url });
      const open = () => ({ ...warehouse(env, at), versions: versions() });
      return invoke(event, at, () => runMaintain(event, env, open, output(at)));
    },
  };
}
