/** Sizes and intervals of a run. Nobody sets them; tests of small worlds make them small. */
export interface Tuning {
  /** A run that takes long commits what it has this often, so that a kill costs a minute's work. */
  readonly commitEveryMs: number;
  /** A run with so many staged files commits earlier. */
  readonly commitFiles: number;
  /** More digest objects than this are written together into one. */
  readonly mostDigests: number;
  /** Most rows of the digest in memory, of each kind. If there are more, the oldest are settled (written to shards) and half as many stay. */
  readonly recentRows: number;
  /** Rows in memory, of each kind, at which a run commits and settles all of them. They need about 300 bytes each. */
  readonly mostRecentRows: number;
  /** Rows of one shard of the digest; it is in memory completely when rows are merged into it. */
  readonly shardRows: number;
  /** Commits between two checkpoints of a log, so that opening it lists few names however long it grows. */
  readonly checkpointEvery: number;
  /**
   * Bytes of values in one staged file. It is read once, for a merge, which larger files do not speed up; and each 4 MiB cost 60 MiB of
   * memory (`npm run bench`).
   */
  readonly groupBytes: number;
  /** Rows of one staged file. */
  readonly groupRows: number;
  /** Bytes of one raw object, uncompressed. */
  readonly rawBytes: number;
  /** Partitions of a per-parent or daily stream that are requested at once. */
  readonly partitionsAtOnce: number;
  /** Raw and staged copies that are looked at side by side where records are redacted. Each has some MB in memory. */
  readonly copiesAtOnce: number;
  /** Time that is kept for the last commit, ms; a quarter of the run's time if that is less. */
  readonly reserveMs: number;
}

export const TUNING: Tuning = {
  commitEveryMs: 60_000,
  commitFiles: 16,
  mostDigests: 24,
  recentRows: 8192,
  mostRecentRows: 200_000,
  shardRows: 32_768,
  checkpointEvery: 64,
  groupBytes: 4 * 1024 * 1024,
  groupRows: 50_000,
  rawBytes: 2 * 1024 * 1024,
  partitionsAtOnce: 4,
  copiesAtOnce: 4,
  reserveMs: 60_000,
};
