import { ConfigError } from '../../errors.ts';
import { extractHandler } from '../../handlers/extract.ts';
import { freshnessMinutes } from '../../maintain/freshness.ts';
import type { Ports } from '../../ports.ts';
import type { ExtractResult } from '../../results.ts';
import { findSource } from '../../source/registry.ts';
import { readHashKey } from '../secrets/aws-secrets.ts';
import { emfMetrics } from './emf-metrics.ts';
import { type ExtractEnv, readExtractEnv } from './lambda-env.ts';
import { extractPorts, type LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { RunFailedError, runLambda } from './run-lambda.ts';

/** Kept from event to event of one execution environment. */
let hashKey: Promise<string> | undefined;

/** One tick of the account in the environment; an event says when it was due, and for a backfill what to read. */
export async function handler(
  event: Readonly<Record<string, unknown>>,
  context: LambdaContext,
): Promise<ExtractResult> {
  return runLambda(async () => {
    const env = readExtractEnv();
    const { source, account } = env;
    const ports = extractPorts(env, context, {
      hashKey: await knownHashKey(env.hashSecret),
      log: powertoolsLog({ source, account }),
    });
    const result = await extractHandler(ports, env.settings)(eventFor(env, event));
    await measure(result, env, ports);
    if (result.exitCode === 0 || result.exitCode === 6) return result;
    throw new RunFailedError(describe(result));
  });
}

async function knownHashKey(secret: string): Promise<string> {
  hashKey ??= readHashKey(secret);
  try {
    return await hashKey;
  } catch (error) {
    hashKey = undefined;
    throw error;
  }
}

/** @throws ConfigError when the event was meant for another Lambda */
function eventFor({ source, account }: ExtractEnv, event: Readonly<Record<string, unknown>>) {
  const { source: forSource = source, account: forAccount = account } = event;
  if (forSource === source && forAccount === account) return { ...event, source, account, at: String(event['at']) };
  throw new ConfigError(`the event is for another source or account; expected ${source}, ${account}`);
}

/** Freshness is told even of a failed run: it is what the alarm watches. */
async function measure(
  result: ExtractResult,
  { stage, source, account }: ExtractEnv,
  { store, log }: Ports,
): Promise<void> {
  const emit = emfMetrics(stage);
  const rejected = result.streams.reduce((total, stream) => total + stream.rejected, 0);
  if (result.streams.length > 0) emit('RejectedValues', rejected);
  try {
    const streams = Object.keys((await findSource(source)).streams);
    const minutes = await freshnessMinutes({ source, account, streams }, Date.parse(result.at), store);
    if (minutes !== undefined) emit('FreshnessMinutes', minutes, { source, account });
  } catch (error) {
    // The run itself is done, and silence raises the alarm.
    log('warn', 'freshness cannot be told', { reason: error instanceof Error ? error.name : 'unknown' });
  }
}

function describe({ source, account, error, streams }: ExtractResult): string {
  const failed = streams.flatMap((stream) => (stream.error === undefined ? [] : [stream.error]));
  return `${error ?? failed.join('; ')} (${source}, account ${account})`;
}
