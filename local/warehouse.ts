import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../functions/errors.ts';
import type { Store } from '../functions/ports.ts';
import { type Settings, viewSettingsOf } from '../functions/settings.ts';
import { HOUR_MS } from '../functions/time.ts';
import { type DataDir, isBucket } from './data-dir.ts';
import { type DuckdbEngine, duckdbEngine } from './duckdb-engine.ts';
import { EMPTY_FILE_BYTES } from './duckdb-open.ts';
import type { Environment } from './env-secrets.ts';
import { fetchingEngine } from './fetching-engine.ts';

/** How the warehouse of a data directory is opened. */
export interface WarehouseOptions {
  readonly dir: DataDir;
  readonly env: Environment;
  /** @default UTC views */
  readonly settings?: Pick<Settings, 'timeZone' | 'sources'>;
  /** @default false */
  readonly readOnly?: boolean;
  /** Longest wait for another program that holds the file. @default 30 s, or `CALLHOUSE_LOCK_WAIT_MS` */
  readonly lockWaitMs?: number;
}

const LOCK_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = HOUR_MS;

/** The warehouse of a data directory; `CALLHOUSE_LOCK_WAIT_MS` says how long to wait for another program that holds it. */
export function warehouseIn({
  dir,
  env,
  settings,
  readOnly,
  lockWaitMs = Number.POSITIVE_INFINITY,
}: WarehouseOptions): DuckdbEngine {
  return duckdbEngine({
    path: dir.warehouse,
    pathOf: (key) => join(isBucket(dir.lake) ? broughtTo(dir) : dir.lake, key),
    views: viewSettingsOf(settings ?? { timeZone: 'UTC', sources: {} }),
    readOnly,
    lockWaitMs: Math.min(lockWaitMs, readWait(env)),
    sleep: async (ms) => sleep(ms),
  });
}

/** The warehouse of a data directory, to be loaded from its lake. */
export function warehouseToLoad(options: WarehouseOptions, store: Store): DuckdbEngine {
  const engine = warehouseIn(options);
  return isBucket(options.dir.lake) ? fetchingEngine(engine, store, broughtTo(options.dir)) : engine;
}

/** Where staged files of a lake in a bucket lie while they are merged. */
function broughtTo({ warehouse }: DataDir): string {
  return `${warehouse}.staged`;
}

/** True where there is a warehouse; a file whose maker was killed or ran out of space holds nothing, and is none. */
export function hasWarehouse(dir: DataDir): boolean {
  return (statSync(dir.warehouse, { throwIfNoEntry: false })?.size ?? 0) >= EMPTY_FILE_BYTES;
}

function readWait(env: Environment): number {
  const text = env['CALLHOUSE_LOCK_WAIT_MS'];
  if (!text) return LOCK_WAIT_MS;
  const ms = Number(text);
  if (ms >= 0 && ms <= LONGEST_WAIT_MS) return ms;
  throw new ConfigError(`CALLHOUSE_LOCK_WAIT_MS is no time; expected milliseconds from 0 to ${LONGEST_WAIT_MS}`);
}
