import { nodePorts } from '../functions/node-ports.ts';
import { findWriter } from '../functions/parquet/find-writer.ts';
import type { Log, Ports } from '../functions/ports.ts';
import { durationMs, type Settings } from '../functions/settings.ts';
import { findBucketHashKey } from './bucket-hash-key.ts';
import { type DataDir, isBucket, openDataDir } from './data-dir.ts';
import { type Environment, envSecrets } from './env-secrets.ts';
import { findHashKey } from './hash-key.ts';
import { thisProcess } from './holder.ts';
import { openStore } from './open-store.ts';
import { warehouseMemory } from './recall-warehouse.ts';
import { hasWarehouse, warehouseIn } from './warehouse.ts';
import { holdToLake } from './warehouse-mark.ts';

/** Extraction mostly goes on without the warehouse, and does not wait long for it. */
const RECALL_WAIT_MS = 2000;
/** Longest run on a bucket: its lease keeps other machines out for as long if this one is switched off. */
const LONGEST_ON_BUCKET = '1h';

/** What the ports of this machine are made from. */
export interface LocalPortsOptions {
  /** A folder, or `s3://bucket/prefix`. */
  readonly dataDir: string;
  /** The file of the warehouse, where the data directory is a bucket. */
  readonly warehouse?: string;
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
  const dir = await openDataDir(options.dataDir, options.warehouse);
  await holdToLake(dir);
  const store = await openStore(dir);
  const memory = warehouseMemory({
    store,
    open: () => (hasWarehouse(dir) ? warehouseIn({ dir, env, readOnly: true, lockWaitMs: RECALL_WAIT_MS }) : undefined),
  });
  const stopAt = Date.now() + timeLimitMs(dir, settings);
  const ports: Ports = {
    ...nodePorts,
    store,
    secrets: envSecrets(env),
    parquet: findWriter(settings.parquetWriter),
    hashKey: isBucket(dir.lake) ? await findBucketHashKey(store, env) : await findHashKey(dir.hashKey, env),
    fetch,
    log,
    now: Date.now,
    random: Math.random,
    sleep: options.sleep ?? sleepUnlessAborted,
    process: thisProcess(),
    remainingMs: () => stopAt - Date.now(),
    readBackFromWarehouse: memory.readBack,
    signal,
  };
  return { ports, dir, close: memory.close };
}

/** How long one run may take, ms. */
export function timeLimitMs({ lake }: DataDir, { timeLimit }: Settings): number {
  const limit = timeLimit ?? (isBucket(lake) ? LONGEST_ON_BUCKET : undefined);
  return limit === undefined ? Number.POSITIVE_INFINITY : durationMs(limit);
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
