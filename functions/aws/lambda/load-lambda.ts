import { AlreadyRunningError } from '../../errors.ts';
import { loadHandler } from '../../handlers/load.ts';
import type { LoadResult } from '../../results.ts';
import { emfMetrics } from './emf-metrics.ts';
import { readWarehouseEnv, type WarehouseEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { RunFailedError, runLambda } from './run-lambda.ts';
import { type WarehousePorts, warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

/** The loader starts no batch with less time left, because it must wait for the batch's statements. */
const LAST_BATCH_MS = 90_000;
/** How often the time left is compared with {@link LAST_BATCH_MS}. */
const CHECK_MS = 1_000;

/**
 * Loads all commits that the warehouse does not have. Commits that time does not allow are left to the next tick.
 * @throws RunFailedError if the load failed
 */
export async function handler(_event: unknown, context: LambdaContext): Promise<LoadResult> {
  return runLambda(async () => {
    const env = readWarehouseEnv();
    const emit = emfMetrics(env.stage);
    try {
      const result = await load(env, warehousePorts(env, context, powertoolsLog()));
      emit('RowsLoaded', safeRows(result, env.databasePrefix));
      if (result.exitCode !== 0 && result.exitCode !== 6) throw new RunFailedError(result.error);
      emit('LoadFailures', 0);
      return result;
    } catch (error) {
      emit('LoadFailures', 1);
      throw error;
    }
  });
}

async function load(env: WarehouseEnv, ports: WarehousePorts): Promise<LoadResult> {
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (ports.remainingMs() < LAST_BATCH_MS) stop.abort();
  }, CHECK_MS);
  try {
    const plan = await warehousePlan(env);
    const run = loadHandler(plan, { ...ports, signal: stop.signal });
    const result = await withLease('load', ports, run);
    // The time limit interrupted the load, not a person: the next tick continues.
    return result.exitCode === 130 && stop.signal.aborted ? { ...result, exitCode: 6 } : result;
  } catch (error) {
    if (error instanceof AlreadyRunningError) return { commits: 0, changed: {}, error: error.message, exitCode: 0 };
    throw error;
  } finally {
    clearInterval(timer);
    await ports.engine.close();
  }
}

/** Rows changed in the safe database; the PHI tables have the same rows. */
function safeRows({ changed }: LoadResult, safe: string): number {
  return Object.entries(changed).reduce((rows, [table, n]) => rows + (table.startsWith(`${safe}.`) ? n : 0), 0);
}
