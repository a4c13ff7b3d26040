import { findWriter } from '../functions/parquet/find-writer.ts';
import type { Log, Ports } from '../functions/ports.ts';
import { durationMs, type Settings } from '../functions/settings.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { type Environment, envSecrets } from './env-secrets.ts';
import { fsStore } from './fs-store.ts';
import { findHashKey } from './hash-key.ts';
import { thisProcess } from './holder.ts';
import { warehouseMemory } from './recall-warehouse.ts';
import { hasWarehouse, warehouseIn } from './warehouse.ts';

/** Extraction mostly goes on without the warehouse, and does not wait long for it. */
const RECALL_WAIT_MS = 2000;

/** What the ports of this machine are made from. */
export interface LocalPortsOptions {
  readonly dataDir: string;
  /** The environment, with what `.env` sets. */
  readonly env: Environment;
  readonly settings: Settings;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** @default a real wait, cut short by the signal */
  readonly sleep?: Ports['sleep'];
}

/** The ports of this machine over one data directory. */
export interface LocalPorts {
  readonly ports: Ports;
  readonly dir: DataDir;
  /** Lets go of the warehouse, which extraction may have read. */
  close(): Promise<void>;
}

/** Opens the data directory and makes the ports over it. @throws StorageError, ConfigError */
export async function openLocalPorts(options: LocalPortsOptions): Promise<LocalPorts> {
  const { env, settings, log, signal } = options;
  const dir = await openDataDir(options.dataDir);
  const store = fsStore(dir.lake);
  const memory = warehouseMemory({
    store,
    open: () => (hasWarehouse(dir) ? warehouseIn({ dir, env, readOnly: true, lockWaitMs: RECALL_WAIT_MS }) : undefined),
  });
  const stopAt =
    settings.timeLimit === undefined ? Number.POSITIVE_INFINITY : Date.now() + durationMs(settings.timeLimit);
  const ports: Ports = {
    store,
    secrets: envSecrets(env),
    parquet: findWriter(settings.parquetWriter),
    hashKey: await findHashKey(dir.hashKey, env),
    fetch,
    log,
    now: Date.now,
    random: Math.random,
    sleep: options.sleep ?? sleepUnlessAborted,
    process: thisProcess(),
    remainingMs: () => stopAt - Date.now(),
    recall: memory.recall,
    signal,
  };
  return { ports, dir, close: memory.close };
}

/** A wait that an interruption ends early; who waited looks at the signal himself. */
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
