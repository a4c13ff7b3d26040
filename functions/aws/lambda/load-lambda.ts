import { AlreadyRunningError } from '../../errors.ts';
import { loadHandler } from '../../handlers/load.ts';
import type { LoadResult } from '../../results.ts';
import { MINUTE_MS } from '../../time.ts';
import { type EmitMetric, emfMetrics } from './emf-metrics.ts';
import { readWarehouseEnv, type WarehouseEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { type LambdaOutput, type Outcome, runLambda } from './run-lambda.ts';
import { LOAD_LEASE, type WarehousePorts, warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

/** The loader starts no batch with less time left, because it must wait for the batch's statements. */
const LAST_BATCH_MS = 90_000;
/** How often the time left is compared with {@link LAST_BATCH_MS}. */
const CHECK_MS = 1_000;

/**
 * Loads all commits that the warehouse does not have. Commits that time does not allow are left to the next tick.
 * @throws RunFailedError if there is a bug; see {@link runLambda}
 */
export async function handler(_event: unknown, context: LambdaContext): Promise<LoadResult | Outcome> {
  const env = readWarehouseEnv();
  const output = { emit: emfMetrics(env.stage), log: powertoolsLog() };
  return runLoad(env, () => warehousePorts(env, context, output), output);
}

/**
 * Loads, and emits the metrics of the run. A run that finds another in progress emits none: nothing says that the other one, which may
 * have been killed, loads anything.
 * @param openPorts gives the ports of this run
 * @throws RunFailedError if there is a bug
 */
export async function runLoad(
  env: WarehouseEnv,
  openPorts: () => WarehousePorts,
  { emit, log }: LambdaOutput,
): Promise<LoadResult | Outcome> {
  let isFailed = true;
  let isLeftOut = false;
  try {
    const run = async () => {
      const ports = openPorts();
      const result = await load(env, ports).catch((error: unknown) => {
        isLeftOut = error instanceof AlreadyRunningError;
        throw error;
      });
      measure(result, env, emit, ports);
      return result;
    };
    const result = await runLambda(run, { emit, log });
    // Faults that the checks found have their own metric and alarm: everything is loaded.
    const isLoaded = result.exitCode === 0 || ('faults' in result && result.error === undefined);
    isFailed = !isLoaded && result.exitCode !== 6;
    return result;
  } finally {
    if (!isLeftOut) emit('LoadFailures', isFailed ? 1 : 0);
  }
}

/** Emits the rows loaded, and how long the oldest commit that is not loaded has waited. A failed load may not know that. */
function measure(result: LoadResult, env: WarehouseEnv, emit: EmitMetric, { log, now }: WarehousePorts): void {
  const { behind, exitCode, faults } = result;
  if (faults) emit('FailedChecks', faults.length);
  emit('RowsLoaded', safeRows(result, env.databasePrefix));
  if (behind) {
    const { source, account, stream } = behind;
    const minutes = Math.max(0, Math.round((now() - Date.parse(behind.since)) / MINUTE_MS));
    log('warn', 'commits are not loaded yet; this stream waits longest', { source, account, stream, minutes });
    emit('LoadLagMinutes', minutes);
  }
  if (!behind && (exitCode === 0 || faults)) emit('LoadLagMinutes', 0);
}

async function load(env: WarehouseEnv, ports: WarehousePorts): Promise<LoadResult> {
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (ports.remainingMs() < LAST_BATCH_MS) stop.abort();
  }, CHECK_MS);
  try {
    const plan = await warehousePlan(env, ports);
    const run = loadHandler(plan, { ...ports, signal: stop.signal });
    const result = await withLease(LOAD_LEASE, ports, run);
    // The time limit interrupted the load, not a person: the next tick continues.
    return result.exitCode === 130 && stop.signal.aborted ? { ...result, exitCode: 6 } : result;
  } finally {
    clearInterval(timer);
    await ports.engine.close();
  }
}

/** Rows changed in the safe database; the PHI tables have the same rows. */
function safeRows({ changed }: LoadResult, safe: string): number {
  return Object.entries(changed).reduce((rows, [table, n]) => rows + (table.startsWith(`${safe}.`) ? n : 0), 0);
}
