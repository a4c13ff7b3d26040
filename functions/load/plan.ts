import type { Databases } from '../../schemas/derive/databases.ts';
import type { Table } from '../../schemas/table.ts';
import type { Commit } from '../lake/commit.ts';
import type { Engine, Log, Store } from '../ports.ts';
import type { StoredSource } from '../source/source.ts';

/** One stream to load, with the tables that its records become rows of. */
export interface StreamToLoad {
  readonly source: string;
  readonly stream: string;
  readonly tables: readonly Table[];
}

/** Every stream of the sources. */
export function streamsToLoad(sources: readonly StoredSource[]): readonly StreamToLoad[] {
  return sources.flatMap(({ name, streams }) =>
    Object.entries(streams).map(([stream, { tables }]) => ({ source: name, stream, tables })),
  );
}

/** Every table of the sources, once. */
export function tablesOf(sources: readonly StoredSource[]): readonly Table[] {
  return tablesOfStreams(streamsToLoad(sources));
}

/** Every table of the streams, once. */
export function tablesOfStreams(streams: readonly Pick<StreamToLoad, 'tables'>[]): readonly Table[] {
  return [...new Set(streams.flatMap(({ tables }) => tables))];
}

/** What to load. */
export interface LoadPlan {
  /** All streams, including those without an account to load: the warehouse gets all tables and views. */
  readonly streams: readonly StreamToLoad[];
  /** Accounts to load, by source. A source that is not listed is not loaded. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** Those of them that are still extracted, whose runs can be overdue. @default all of them */
  readonly extracted?: Readonly<Record<string, readonly string[]>>;
  /** @default the databases named `callhouse` */
  readonly databases?: Databases;
  /** True for a commit whose staged rows were made again since they were loaded: its versions are replaced. @default none */
  readonly isRewritten?: (commit: Commit) => boolean;
}

/** The ports of the loader. */
export interface LoadPorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  /** The clock, ms since the epoch; for durations in the log only. */
  readonly now: () => number;
  /** Interrupts the load between two batches. */
  readonly signal?: AbortSignal | undefined;
}
