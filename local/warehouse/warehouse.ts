import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../functions/errors.ts';
import type { Log, Store } from '../../functions/ports.ts';
import { viewSettingsOf } from '../../functions/view-settings.ts';
import type { CopySettings } from '../publish/copy-settings.ts';
import { noteChange, noteSettings } from '../publish/publish-state.ts';
import { type DataDir, isBucket } from '../settings/data-dir.ts';
import type { Environment } from '../settings/env-secrets.ts';
import { downloadingEngine } from './downloading-engine.ts';
import { type DuckdbEngine, duckdbEngine } from './duckdb-engine.ts';
import { EMPTY_FILE_BYTES } from './open-duckdb.ts';

/** How to open the warehouse of a data directory. */
export interface WarehouseOptions {
  readonly dir: DataDir;
  readonly env: Environment;
  /** @default UTC views */
  readonly settings?: CopySettings;
  /** @default false */
  readonly readOnly?: boolean | undefined;
  /** Longest wait for another program that holds the file, ms. @default 30 s, or `CALLHOUSE_LOCK_WAIT_MS` */
  readonly lockWaitMs?: number;
  /** @default nothing is logged */
  readonly log?: Log;
  /** Interrupts the statement that runs. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

const LOCK_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The warehouse of a data directory. It opens at its first use and waits for another program that holds it, at most `CALLHOUSE_LOCK_WAIT_MS`. */
export function warehouseIn({
  dir,
  env,
  settings,
  readOnly,
  lockWaitMs = Number.POSITIVE_INFINITY,
  log,
  signal,
}: WarehouseOptions): DuckdbEngine {
  return duckdbEngine({
    path: dir.warehouse,
    pathOf: (key) => join(isBucket(dir.lake) ? downloadFolderOf(dir) : dir.lake, key),
    views: viewSettingsOf(settings ?? { timeZone: 'UTC', sources: {} }),
    readOnly,
    log,
    signal,
    onChange: (changed) => noteChange(dir, changed),
    onPrepared: settings && (() => noteSettings(dir, settings)),
    lockWaitMs: Math.min(lockWaitMs, readWait(env)),
    sleep: async (ms) => sleep(ms),
  });
}

/** The warehouse of a data directory, ready to load from its lake. */
export function warehouseToLoad(options: WarehouseOptions, store: Store): DuckdbEngine {
  const engine = warehouseIn(options);
  return isBucket(options.dir.lake) ? downloadingEngine(engine, store, downloadFolderOf(options.dir)) : engine;
}

/** Folder of the staged files of a bucket while they are merged. */
function downloadFolderOf({ warehouse }: DataDir): string {
  return `${warehouse}.staged`;
}

/** True if there is a warehouse. A process that was killed, or ran out of space, may leave a shorter file, which holds nothing. */
export function hasWarehouse(dir: DataDir): boolean {
  return (statSync(dir.warehouse, { throwIfNoEntry: false })?.size ?? 0) >= EMPTY_FILE_BYTES;
}

function readWait(env: Environment): number {
  const text = env['CALLHOUSE_LOCK_WAIT_MS'];
  if (!text) return LOCK_WAIT_MS;
  const ms = Number(text);
  if (ms >= 0 && ms <= LONGEST_WAIT_MS) return ms;
  throw new ConfigError(
    `CALLHOUSE_LOCK_WAIT_MS is not a valid time: expected milliseconds from 0 to ${LONGEST_WAIT_MS}`,
  );
}
