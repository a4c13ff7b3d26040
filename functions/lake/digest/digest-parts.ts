import type { DigestCounts, DigestEntry, FirstKey, PartitionCursor } from './digest-entry.ts';
import type { Row, RowsUpTo, RowTest, SettledRows } from './settled-rows.ts';
import type { ShardRef } from './shard.ts';

/** Where the settled rows of a digest are. */
export interface DigestRoot {
  readonly entries: readonly ShardRef[];
  readonly cursors: readonly ShardRef[];
  readonly firstKeys: readonly ShardRef[];
  /** By kind, the hash at which settling continues, if it is in progress. */
  readonly next: { readonly [K in keyof DigestParts]?: number | undefined };
}

/** One thing to save. */
export type DigestChange =
  | { readonly kind: 'root'; readonly root: DigestRoot }
  | { readonly kind: 'counts'; readonly counts: DigestCounts }
  | { readonly kind: 'entry'; readonly key: string; readonly entry: DigestEntry }
  | { readonly kind: 'cursor'; readonly partition: string; readonly cursor: PartitionCursor }
  | { readonly kind: 'first key'; readonly by: string; readonly first: FirstKey };

/** Rows of one kind by name. Recent ones are in memory; settled ones are read when they are asked for. */
export interface Rows<V> {
  /** Rows in memory. They replace settled rows of the same name. */
  readonly recent: ReadonlyMap<string, V>;
  /** Reads the rows of these names, so that `get` and `has` know them. */
  load(names: Iterable<string | undefined>): Promise<void>;
  /** The row of a name, if it is in memory. */
  peek(name: string): V | undefined;
  /** @throws Error if the name was not loaded, which is a bug */
  get(name: string): V | undefined;
  /** True if there is such a row. With probes, it need not be loaded. */
  has(name: string): boolean;
  /** All rows, or those that pass a test, in batches; they are loaded then. A test of settled rows needs probes. */
  batches(test?: BatchTest<V>): AsyncGenerator<readonly Row<V>[]>;
  /** The recent rows, then the settled ones in the order of their hashes. @param from the hash to begin with, without recent rows @default all */
  parts(from?: number): AsyncGenerator<RowsUpTo<V>>;
}

/** Which rows are wanted. */
export interface BatchTest<V> {
  readonly settled: RowTest;
  readonly recent: (name: string, value: V) => boolean;
}

/** Rows of one kind as saving them sees them. */
export interface RowsPart<V> extends Rows<V> {
  readonly recent: Map<string, V>;
  /** Names of the recent rows that were set since they were last saved. */
  readonly touched: Set<string>;
  /** Undefined until rows of this kind were settled. */
  settled: SettledRows<V> | undefined;
  /** The hash at which settling continues; undefined if it is not in progress. */
  next: number | undefined;
}

/** The kinds of rows. */
export interface DigestParts {
  readonly entries: RowsPart<DigestEntry>;
  readonly cursors: RowsPart<PartitionCursor>;
  /** By the value of the column that a stable key is looked up by. */
  readonly firstKeys: RowsPart<FirstKey>;
}
