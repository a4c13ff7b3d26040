import { AlreadyRunningError, ConfigError } from '../../errors.ts';
import { type MaintainResult, maintainHandler } from '../../handlers/maintain.ts';
import { emfMetrics } from './emf-metrics.ts';
import { readWarehouseEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { RunFailedError, runLambda } from './run-lambda.ts';
import { warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

/** The nightly maintenance. @param event when it was due (`at`) @throws RunFailedError if a step failed */
export async function handler(
  event: Readonly<Record<string, unknown>>,
  context: LambdaContext,
): Promise<MaintainResult> {
  return runLambda(async () => {
    const env = readWarehouseEnv();
    const ports = warehousePorts(env, context, powertoolsLog());
    const maintain = maintainHandler(await warehousePlan(env), ports);
    try {
      const result = await withLease('maintain', ports, () => maintain(dueAt(event)));
      emfMetrics(env.stage)('FailedChecks', result.checks.filter(({ ok }) => !ok).length);
      if (result.exitCode !== 0 && result.exitCode !== 6) throw new RunFailedError(result.error);
      return result;
    } catch (error) {
      if (error instanceof AlreadyRunningError)
        return { compacted: 0, removed: 0, checks: [], error: error.message, exitCode: 0 };
      throw error;
    } finally {
      await ports.engine.close();
    }
  });
}

function dueAt(event: Readonly<Record<string, unknown>>): Date {
  const at = new Date(String(event['at']));
  if (Number.isNaN(at.getTime()))
    throw new ConfigError(
      'the event has no valid `at`; expected an instant with Z or an offset, such as 2026-11-21T03:00:00Z',
    );
  return at;
}
