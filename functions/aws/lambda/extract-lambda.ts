import { ConfigError } from '../../errors.ts';
import { extractHandler } from '../../handlers/extract.ts';
import { readLastCommit, readState } from '../../lake/commit-log.ts';
import { freshnessMinutes } from '../../maintain/freshness.ts';
import type { Ports, Store } from '../../ports.ts';
import type { ExtractResult } from '../../results.ts';
import { findSource } from '../../source/registry.ts';
import { type EmitMetric, emfMetrics } from './emf-metrics.ts';
import { type ExtractEnv, readExtractEnv } from './lambda-env.ts';
import { extractPorts, type LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { type LambdaOutput, type Outcome, runLambda } from './run-lambda.ts';

/**
 * Extracts the account that the environment names.
 * @param event when the tick was due (`at`), and for a backfill the window to read
 * @throws RunFailedError if there is a bug; see {@link runLambda}
 */
export async function handler(
  event: Readonly<Record<string, unknown>>,
  context: LambdaContext,
): Promise<ExtractResult | Outcome> {
  const env = readExtractEnv();
  const { stage, source, account } = env;
  const output = { emit: emfMetrics(stage), log: powertoolsLog({ source, account }) };
  return runExtract(event, env, () => extractPorts(env, context, output), output);
}

/**
 * Extracts an account, and emits the metrics of the run.
 * @param openPorts gives the ports of this run
 * @throws RunFailedError if there is a bug
 */
export async function runExtract(
  event: Readonly<Record<string, unknown>>,
  env: ExtractEnv,
  openPorts: () => Ports,
  { emit, log }: LambdaOutput,
): Promise<ExtractResult | Outcome> {
  return runLambda(
    async () => {
      const ports = openPorts();
      const result = await extractHandler(ports, env.settings)(eventFor(env, event));
      await measure(result, emit, ports);
      return result.exitCode === 0 || result.exitCode === 6 ? result : { ...result, error: describe(result) };
    },
    { emit, log },
  );
}

/** @throws ConfigError if the event names another Lambda's source or account */
function eventFor({ source, account }: ExtractEnv, event: Readonly<Record<string, unknown>>) {
  const { source: forSource = source, account: forAccount = account } = event;
  if (forSource === source && forAccount === account) return { ...event, source, account, at: String(event['at']) };
  throw new ConfigError(`the event is for another source or account; expected ${source}, ${account}`);
}

/** Emits the run's metrics. Freshness and held removals are emitted even after a failed run, because alarms watch them. */
async function measure(result: ExtractResult, emit: EmitMetric, { store, log }: Ports): Promise<void> {
  const { source, account } = result;
  // Values are refused at each read. A run that changed no row of a stream read again what an earlier run has counted.
  const read = result.streams.filter(({ changed }) => changed > 0);
  const rejected = read.reduce((total, stream) => total + stream.rejected, 0);
  if (result.streams.length > 0) emit('RejectedValues', rejected);
  try {
    const streams = Object.keys((await findSource(source)).streams);
    const minutes = await freshnessMinutes({ source, account, streams }, Date.parse(result.at), store);
    if (minutes !== undefined) emit('FreshnessMinutes', minutes, { source, account });
    emit('RemovalsHeld', await countHeld(result, streams, store));
  } catch (error) {
    // The run is complete, so this is no failure; the alarm treats a missing metric as stale data.
    log('warn', 'the metrics of freshness and held removals could not be computed', {
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
}

/** Held removals of the account. The last commit tells those of a stream that the run did not reach. */
async function countHeld(
  { source, account, streams: results }: ExtractResult,
  streams: readonly string[],
  store: Store,
): Promise<number> {
  const counts = streams.map(async (stream) => {
    const known = results.find((result) => result.stream === stream)?.heldRemovals;
    if (known !== undefined) return known;
    const id = { source, account, stream };
    return readState(await readLastCommit(store, id), id).held?.count ?? 0;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

function describe({ source, account, error, streams }: ExtractResult): string {
  const failed = streams.flatMap((stream) => (stream.error === undefined ? [] : [stream.error]));
  return `${error ?? failed.join('; ')} (${source}, account ${account})`;
}
