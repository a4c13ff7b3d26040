import type { Databases } from '../../schemas/derive/databases.ts';
import type { Table } from '../../schemas/table.ts';
import type { Engine, Log, Store } from '../ports.ts';

/** One stream to load, with the tables its records become rows of. */
export interface StreamToLoad {
  readonly source: string;
  readonly stream: string;
  readonly tables: readonly Table[];
}

/** What to load. */
export interface LoadPlan {
  /** All streams there are: the warehouse's tables and views are made from them, loaded or not. */
  readonly streams: readonly StreamToLoad[];
  /** Accounts to load, by source; a source left out is not loaded. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** @default those named callhouse */
  readonly databases?: Databases;
}

/** What the loader reaches the world by. */
export interface LoadPorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  /** Milliseconds since the epoch; for durations in the log only. */
  readonly now: () => number;
  /** Ends the load between two batches. */
  readonly signal?: AbortSignal | undefined;
}
