import { faultsIn } from '../../check/check-result.ts';
import { ConfigError } from '../../errors.ts';
import { type MaintainResult, maintainHandler } from '../../handlers/maintain.ts';
import { glueTableVersions } from '../glue/table-versions.ts';
import { emfMetrics } from './emf-metrics.ts';
import { readMaintainEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { type Outcome, runLambda } from './run-lambda.ts';
import { betweenLoads, warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

/**
 * The nightly maintenance.
 * @param event when it was due (`at`)
 * @throws RunFailedError if there is a bug; see {@link runLambda}
 */
export async function handler(
  event: Readonly<Record<string, unknown>>,
  context: LambdaContext,
): Promise<MaintainResult | Outcome> {
  const env = readMaintainEnv();
  const emit = emfMetrics(env.stage);
  const log = powertoolsLog();
  return runLambda(
    async () => {
      const ports = warehousePorts(env, context, { emit, log });
      const versions = glueTableVersions();
      const plan = { ...(await warehousePlan(env)), stagingDays: env.stagingDays };
      const maintain = maintainHandler(plan, {
        ...ports,
        versions,
        betweenLoads: (work) => betweenLoads(ports, work),
      });
      try {
        const result = await withLease('maintain', ports, () => maintain(dueAt(event)));
        emit('FailedChecks', faultsIn(result.checks).length);
        return result;
      } finally {
        await ports.engine.close();
        versions.close();
      }
    },
    { emit, log },
  );
}

function dueAt(event: Readonly<Record<string, unknown>>): Date {
  const at = new Date(String(event['at']));
  if (Number.isNaN(at.getTime()))
    throw new ConfigError(
      'the event has no valid `at`; expected an instant with Z or an offset, such as 2026-11-21T03:00:00Z',
    );
  return at;
}
