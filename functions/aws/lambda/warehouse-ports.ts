import { setTimeout as wait } from 'node:timers/promises';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { AlreadyRunningError, OutOfTimeError } from '../../errors.ts';
import { accountsInLake } from '../../lake/accounts-in-lake.ts';
import { type Lease, takeLease } from '../../lake/lease.ts';
import { type LoadPlan, streamsToLoad } from '../../load/plan.ts';
import { nodePorts } from '../../node-ports.ts';
import type { Engine, Log, Ports, Store } from '../../ports.ts';
import { loadSources } from '../../source/registry.ts';
import { athenaEngine } from '../athena/athena-engine.ts';
import type { WarehouseEnv } from './lambda-env.ts';
import { type LambdaContext, lambdaProcess, remainingTime, stageStore } from './lambda-ports.ts';
import type { LambdaOutput } from './run-lambda.ts';

/** The ports of the loader and of maintenance. */
export interface WarehousePorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  readonly remainingMs: () => number;
  readonly process: Ports['process'];
}

/** Opens the store and the engine of a stage. */
export function warehousePorts(env: WarehouseEnv, context: LambdaContext, { emit, log }: LambdaOutput): WarehousePorts {
  const store = stageStore(env);
  const remainingMs = remainingTime(context, env);
  const onScanned = (bytes: number) => emit('ScannedBytes', bytes);
  const engine = athenaEngine({ ...env, store, log, remainingMs, onScanned });
  return { store, engine, log, now: Date.now, random: Math.random, remainingMs, process: lambdaProcess(context) };
}

/**
 * The streams and accounts of the stage, and those that it had: what was extracted is loaded, whether or not the stage still names its
 * account. The Lambda of a source whose declaration is wrong says so; the others are loaded.
 */
export async function warehousePlan(
  { sources: named, databasePrefix }: WarehouseEnv,
  { store }: Pick<WarehousePorts, 'store'>,
): Promise<LoadPlan> {
  const stored = await accountsInLake(store);
  const { sources: sound } = await loadSources([...new Set([...Object.keys(named), ...Object.keys(stored)])].sort());
  const accounts = Object.fromEntries(
    sound.map(({ name }) => [name, [...new Set([...(named[name] ?? []), ...(stored[name] ?? [])])]]),
  );
  const streams = streamsToLoad(sound);
  return { streams, accounts, extracted: named, databases: databasesOf(databasePrefix) };
}

/** Name of the lease under which tables are changed. */
export const LOAD_LEASE = 'load';

/**
 * Runs `work` under a lease, so that at most one Lambda does it at a time.
 * @param name of the lease, below `leases/warehouse/`
 * @throws AlreadyRunningError if another Lambda holds the lease
 */
export async function withLease<T>(name: string, ports: WarehousePorts, work: () => Promise<T>): Promise<T> {
  return holding(await acquire(name, ports), work);
}

async function acquire(name: string, ports: WarehousePorts): Promise<Lease> {
  const { timer } = nodePorts;
  return takeLease('warehouse', name, { ...ports, timer });
}

async function holding<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await lease.release(true);
  }
}

/** How often a held lease is looked at. */
const LOOK_AGAIN_MS = 10_000;
/** With less time left, waiting for a load is pointless. */
const TOO_LATE_MS = 120_000;

/**
 * Runs `work` under the lease of loads. A load in progress is waited for, which takes minutes at most; one that is due meanwhile is left
 * out.
 * @throws OutOfTimeError if loads are in progress until the time is used up
 */
export async function betweenLoads<T>(
  ports: WarehousePorts,
  work: () => Promise<T>,
  pauseMs = LOOK_AGAIN_MS,
): Promise<T> {
  for (;;) {
    const lease = await acquire(LOAD_LEASE, ports).catch((error: unknown) => {
      if (!(error instanceof AlreadyRunningError)) throw error;
    });
    if (lease) return holding(lease, work);
    if (ports.remainingMs() < TOO_LATE_MS + pauseMs)
      throw new OutOfTimeError(
        'loads were in progress for all of this run, so no table was compacted; the next maintenance does it',
      );
    await wait(pauseMs);
  }
}
