import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { nodePorts } from '../../node-ports.ts';
import { findWriter } from '../../parquet/find-writer.ts';
import type { Log, Ports, Store } from '../../ports.ts';
import { durationMs } from '../../settings.ts';
import { athenaEngine } from '../athena/athena-engine.ts';
import { recallFrom } from '../recall.ts';
import { s3Store } from '../s3/s3-store.ts';
import { awsSecrets } from '../secrets/aws-secrets.ts';
import type { CommonEnv, ExtractEnv } from './lambda-env.ts';

/** What is used of the context that Lambda gives. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** One execution environment of Lambda: it handles one event after another, never two. */
const SELF = { host: `lambda-${randomUUID()}`, pid: process.pid, born: 'start' };

/** This environment as the holder of a lease: one it holds from before is that of an event that never ended in order. */
export const lambdaProcess: Ports['process'] = { ...SELF, isGone: ({ host }) => host === SELF.host };

/** Milliseconds left: Lambda's own limit, or the stage's time limit if that is sooner. */
export function remainingTime(context: LambdaContext, { settings }: CommonEnv, now: () => number = Date.now) {
  const until = settings.timeLimit === undefined ? Number.POSITIVE_INFINITY : now() + durationMs(settings.timeLimit);
  return () => Math.min(context.getRemainingTimeInMillis(), until - now());
}

/** The stage's objects. */
export function stageStore({ bucket }: CommonEnv): Store {
  return s3Store({ bucket });
}

/** What an extractor reaches the world by. */
export function extractPorts(env: ExtractEnv, context: LambdaContext, given: { hashKey: string; log: Log }): Ports {
  const store = stageStore(env);
  const remainingMs = remainingTime(context, env);
  const engine = athenaEngine({ ...env, remainingMs });
  return {
    ...given,
    ...nodePorts,
    store,
    secrets: awsSecrets({ nameOf: () => env.secret }),
    parquet: findWriter(env.settings.parquetWriter),
    fetch,
    now: Date.now,
    random: Math.random,
    sleep: async (ms, signal) => {
      await wait(ms, undefined, { signal });
    },
    process: lambdaProcess,
    remainingMs,
    recall: recallFrom(engine, env.databasePrefix),
  };
}
