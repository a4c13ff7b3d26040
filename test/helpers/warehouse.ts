import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log, Store } from '../../functions/ports.ts';
import { fsStore } from '../../local/lake/fs-store.ts';
import { type DuckdbEngine, type DuckdbOptions, duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';

/** A data directory with a lake and a DuckDB file over it. */
export interface TestWarehouse {
  readonly store: Store;
  readonly path: string;
  open(options?: Partial<DuckdbOptions>): DuckdbEngine;
}

/** Creates a data directory below `folder`. */
export function testWarehouse(folder: string): TestWarehouse {
  const lake = join(folder, 'lake');
  const path = join(folder, 'warehouse.duckdb');
  const options: DuckdbOptions = {
    path,
    pathOf: (key) => join(lake, key),
    views: { timeZone: 'UTC' },
    sleep: async (ms) => setTimeout(ms),
  };
  return { store: fsStore(lake), path, open: (more) => duckdbEngine({ ...options, ...more }) };
}

/** A log that discards every line. */
export const noLog: Log = () => undefined;
