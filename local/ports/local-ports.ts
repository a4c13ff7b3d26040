import { vendorHttp } from '../../functions/http/vendor-http.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Log, Ports } from '../../functions/ports.ts';
import type { Settings } from '../../functions/settings.ts';
import { countdown, durationMs } from '../../functions/time.ts';
import { openStore } from '../lake/open-store.ts';
import { closeDataDir } from '../settings/close-data-dir.ts';
import { type DataDir, openDataDir } from '../settings/data-dir.ts';
import { type Environment, envSecrets } from '../settings/env-secrets.ts';
import { readErasureKey } from '../settings/erasure-key.ts';
import { findHashKey, hashKeyStores } from '../settings/hash-key.ts';
import { bindToLake } from '../warehouse/lake-binding.ts';
import { hasWarehouse, warehouseIn } from '../warehouse/warehouse.ts';
import { type WarehouseRecall, warehouseRecall } from '../warehouse/warehouse-recall.ts';
import { thisProcess } from './this-process.ts';

/** Extraction usually works without the warehouse, so it does not wait long for it. */
const RECALL_WAIT_MS = 2000;

/** What the ports of this machine need. */
export interface LocalPortsOptions {
  /** A folder, or `s3://bucket/prefix`. */
  readonly dataDir: string;
  /** File of the warehouse if the data directory is a bucket. */
  readonly warehouse?: string | undefined;
  /** The environment, including the variables of `.env`. */
  readonly env: Environment;
  readonly settings: Settings;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** @default a real wait, which the signal ends early */
  readonly sleep?: Ports['sleep'];
}

/** The ports of this machine on one data directory. */
export interface LocalPorts {
  readonly ports: Ports;
  readonly dir: DataDir;
  /** Runs `work` while extraction keeps the warehouse closed, which it may read in between. */
  readonly whileClosed: WarehouseRecall['whileClosed'];
  /** Closes the warehouse, which extraction may have opened. */
  close(): Promise<void>;
}

/** Opens the data directory and creates its ports. @throws StorageError, ConfigError */
export async function openLocalPorts(options: LocalPortsOptions): Promise<LocalPorts> {
  const { env, settings, log, signal } = options;
  const dir = await openDataDir(options.dataDir, options.warehouse);
  await closeDataDir(dir, log);
  await bindToLake(dir);
  const store = await openStore(dir);
  const recall = warehouseRecall({
    store,
    open: () => (hasWarehouse(dir) ? warehouseIn({ dir, env, readOnly: true, lockWaitMs: RECALL_WAIT_MS }) : undefined),
  });
  const keys = hashKeyStores(dir, store);
  // A wrong key should end the run before it requests anything.
  await findHashKey(keys, env);
  const ports: Ports = {
    ...nodePorts,
    store,
    secrets: envSecrets(env),
    parquet: findWriter(settings.parquetWriter),
    hashKey: () => findHashKey(keys, env),
    erasureKey: () => readErasureKey(keys),
    fetch: vendorHttp(env),
    log,
    now: Date.now,
    random: Math.random,
    sleep: options.sleep ?? sleepUnlessAborted,
    process: thisProcess(),
    remainingMs: countdown(timeLimitMs(settings), Date.now),
    readBackFromWarehouse: recall.readBack,
    signal,
  };
  return { ports, dir, whileClosed: recall.whileClosed, close: recall.close };
}

/** Duration after which a run is cut, whatever it does; ms. */
export function timeLimitMs({ timeLimit }: Pick<Settings, 'timeLimit'>): number {
  return timeLimit === undefined ? Number.POSITIVE_INFINITY : durationMs(timeLimit);
}

/** Waits. The signal ends the wait early without an error, so the caller must check it. */
export function sleepUnlessAborted(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
