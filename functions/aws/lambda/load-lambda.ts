import { AlreadyRunningError } from '../../errors.ts';
import { loadHandler } from '../../handlers/load.ts';
import type { LoadResult } from '../../results.ts';
import { emfMetrics } from './emf-metrics.ts';
import { readWarehouseEnv, type WarehouseEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { RunFailedError, runLambda } from './run-lambda.ts';
import { type WarehousePorts, warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

/** No batch is begun with less left: its statements are waited for. */
const LAST_BATCH_MS = 90_000;
const LOOK_MS = 1_000;

/** Loads everything that is committed; what time cuts off is loaded by the next tick. */
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
  }, LOOK_MS);
  try {
    const plan = await warehousePlan(env);
    const run = loadHandler(plan, { ...ports, signal: stop.signal });
    const result = await withLease('load', ports, run);
    // Interrupted by time, not by a person: the next tick goes on.
    return result.exitCode === 130 && stop.signal.aborted ? { ...result, exitCode: 6 } : result;
  } catch (error) {
    if (error instanceof AlreadyRunningError) return { commits: 0, changed: {}, error: error.message, exitCode: 0 };
    throw error;
  } finally {
    clearInterval(timer);
    await ports.engine.close();
  }
}

function safeRows({ changed }: LoadResult, safe: string): number {
  return Object.entries(changed).reduce((rows, [table, n]) => rows + (table.startsWith(`${safe}.`) ? n : 0), 0);
}
