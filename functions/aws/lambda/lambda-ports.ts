import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { vendorHttp } from '../../http/vendor-http.ts';
import { nodePorts } from '../../node-ports.ts';
import { findWriter } from '../../parquet/find-writer.ts';
import type { Ports, Store } from '../../ports.ts';
import { durationMs } from '../../time.ts';
import { athenaEngine } from '../athena/athena-engine.ts';
import { readBackFromAthena } from '../athena/read-back-from-athena.ts';
import { forgettingStore } from '../s3/forgetting-store.ts';
import { s3Store } from '../s3/s3-store.ts';
import { awsSecrets } from '../secrets/aws-secrets.ts';
import { readErasureKey } from '../secrets/read-erasure-key.ts';
import { stageHashKey } from '../secrets/read-hash-key.ts';
import type { CommonEnv, ExtractEnv } from './lambda-env.ts';
import type { LambdaOutput } from './run-lambda.ts';

/** The part of Lambda's context that is used. */
export interface LambdaContext {
  /** Identity of the event. When Lambda sends an event again because it failed, the identity is the same. */
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/**
 * This execution environment. Lambda gives an environment one event at a time.
 * @see {@link https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html}
 */
const SELF = { host: `lambda-${randomUUID()}`, pid: process.pid };

/**
 * An event in this environment as the holder of a lease. A lease of this environment was left by an event that was killed, and one of the
 * same event by the attempt that was killed before: Lambda sends an event again only after it failed. If the second attempt waited for the
 * lease of the first, it would succeed, and an event that is killed at each attempt would never get into the dead letter queue.
 * @see {@link https://repost.aws/knowledge-center/lambda-function-duplicate-invocations}
 */
export function lambdaProcess({ awsRequestId }: Pick<LambdaContext, 'awsRequestId'>): Ports['process'] {
  return {
    ...SELF,
    born: awsRequestId,
    isGone: ({ host, born }) => host === SELF.host || born === awsRequestId,
  };
}

/** @returns a function that returns the ms left until Lambda's limit, or the stage's `timeLimit` if that is sooner */
export function remainingTime(context: LambdaContext, { settings }: CommonEnv, now: () => number = Date.now) {
  const until = settings.timeLimit === undefined ? Number.POSITIVE_INFINITY : now() + durationMs(settings.timeLimit);
  return () => Math.min(context.getRemainingTimeInMillis(), until - now());
}

/** The store with the stage's lake. */
export function stageStore({ bucket }: CommonEnv): Store {
  return s3Store({ bucket });
}

/** The ports of an extractor. */
export function extractPorts(env: ExtractEnv, context: LambdaContext, { log, emit }: LambdaOutput): Ports {
  const store = forgettingStore(stageStore(env), env.bucket);
  const remainingMs = remainingTime(context, env);
  const engine = athenaEngine({ ...env, remainingMs, onScanned: (bytes) => emit('ScannedBytes', bytes) });
  return {
    ...nodePorts,
    store,
    log,
    // Read at each run: a rotation may have replaced it.
    hashKey: () => stageHashKey(store, env.hashSecret),
    erasureKey: () => readErasureKey(env.erasureSecret),
    secrets: awsSecrets({ nameOf: () => env.secret }),
    parquet: findWriter(env.settings.parquetWriter),
    fetch: vendorHttp(process.env),
    now: Date.now,
    random: Math.random,
    sleep: async (ms, signal) => {
      await wait(ms, undefined, { signal });
    },
    process: lambdaProcess(context),
    remainingMs,
    readBackFromWarehouse: readBackFromAthena(engine, env.databasePrefix),
  };
}
