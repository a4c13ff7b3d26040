import { databasesOf } from '../../../schemas/derive/databases.ts';
import { takeLease } from '../../lake/lease.ts';
import { type LoadPlan, streamsToLoad } from '../../load/plan.ts';
import { nodePorts } from '../../node-ports.ts';
import type { Engine, Log, Store } from '../../ports.ts';
import { loadSources } from '../../source/registry.ts';
import { athenaEngine } from '../athena/athena-engine.ts';
import type { EmitMetric } from './emf-metrics.ts';
import type { WarehouseEnv } from './lambda-env.ts';
import { type LambdaContext, lambdaProcess, remainingTime, stageStore } from './lambda-ports.ts';

/** The ports of the loader and of maintenance. */
export interface WarehousePorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  readonly now: () => number;
  readonly remainingMs: () => number;
}

/** Opens the store and the engine of a stage. */
export function warehousePorts(
  env: WarehouseEnv,
  context: LambdaContext,
  { emit, log }: { readonly emit: EmitMetric; readonly log: Log },
): WarehousePorts {
  const store = stageStore(env);
  const remainingMs = remainingTime(context, env);
  const onScanned = (bytes: number) => emit('ScannedBytes', bytes);
  const engine = athenaEngine({ ...env, store, log, remainingMs, onScanned });
  return { store, engine, log, now: Date.now, remainingMs };
}

/** The streams and accounts of the stage. The Lambda of a source whose declaration is wrong says so; the others are loaded. */
export async function warehousePlan({ sources, databasePrefix }: WarehouseEnv): Promise<LoadPlan> {
  const { sources: sound } = await loadSources(Object.keys(sources));
  const streams = streamsToLoad(sound);
  return { streams, accounts: sources, databases: databasesOf(databasePrefix) };
}

/**
 * Runs `work` under a lease, so that at most one Lambda does it at a time.
 * @param name of the lease, below `leases/warehouse/`
 * @throws AlreadyRunningError if another Lambda holds the lease
 */
export async function withLease<T>(name: string, ports: WarehousePorts, work: () => Promise<T>): Promise<T> {
  const { timer } = nodePorts;
  const lease = await takeLease('warehouse', name, { ...ports, timer, process: lambdaProcess, random: Math.random });
  try {
    return await work();
  } finally {
    await lease.release();
  }
}
