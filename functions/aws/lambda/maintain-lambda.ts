import { faultsIn } from '../../check/check-result.ts';
import { ConfigError } from '../../errors.ts';
import { type MaintainResult, maintainHandler } from '../../handlers/maintain.ts';
import { reportSettings } from '../../report/report-request.ts';
import { parseInstant } from '../../time.ts';
import { glueTableVersions } from '../glue/table-versions.ts';
import { s3Store } from '../s3/s3-store.ts';
import { emfMetrics } from './emf-metrics.ts';
import { type MaintainEnv, readMaintainEnv } from './lambda-env.ts';
import type { LambdaContext } from './lambda-ports.ts';
import { powertoolsLog } from './powertools-log.ts';
import { type LambdaOutput, type Outcome, runLambda } from './run-lambda.ts';
import { betweenLoads, type WarehousePorts, warehousePlan, warehousePorts, withLease } from './warehouse-ports.ts';

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
  const output = { emit: emfMetrics(env.stage), log: powertoolsLog() };
  const open = () => ({ ...warehousePorts(env, context, output), versions: glueTableVersions() });
  return runMaintain(event, env, open, output);
}

/** The ports of a maintenance on AWS. */
type Upkeep = WarehousePorts & { readonly versions: ReturnType<typeof glueTableVersions> };

/**
 * Maintains, and emits the metrics of the run.
 * @param openPorts gives the ports of this run
 * @throws RunFailedError if there is a bug
 */
export async function runMaintain(
  event: Readonly<Record<string, unknown>>,
  env: MaintainEnv,
  openPorts: () => Upkeep,
  { emit, log }: LambdaOutput,
): Promise<MaintainResult | Outcome> {
  return runLambda(
    async () => {
      const ports = openPorts();
      const { stagingDays, safeBucket: bucket, settings } = env;
      const report = bucket === undefined ? undefined : reportSettings(settings);
      const safeStore = bucket === undefined ? undefined : s3Store({ bucket });
      const plan = { ...(await warehousePlan(env, ports)), stagingDays, report };
      const maintain = maintainHandler(plan, {
        ...ports,
        safeStore,
        betweenLoads: (work) => betweenLoads(ports, work),
      });
      try {
        const result = await withLease('maintain', ports, () => maintain(dueAt(event)));
        emit('FailedChecks', faultsIn(result.checks).length);
        return result;
      } finally {
        await ports.engine.close();
        ports.versions.close();
      }
    },
    { emit, log },
  );
}

function dueAt(event: Readonly<Record<string, unknown>>): Date {
  const at = parseInstant(String(event['at']));
  if (!at?.zoned)
    throw new ConfigError(
      'the event has no valid `at`; expected an instant with Z or an offset, such as 2026-11-21T03:00:00Z',
    );
  return new Date(at.ms);
}
