import * as z from 'zod';
import type { StagedFile } from '../ports.ts';

/** How a run of a stream ended. */
export type LoadStatus = 'ok' | 'partial' | 'failed';

const stagedFile: z.ZodType<StagedFile> = z.object({
  table: z.string(),
  key: z.string(),
  rows: z.number(),
  deletes: z.number(),
  partFrom: z.string(),
  partTo: z.string(),
});

/** How often values of one column were refused or doubted for one reason. The reason names a kind, never a value. */
export const reject = z.object({ table: z.string(), column: z.string(), reason: z.string(), count: z.number() });
export type Reject = z.infer<typeof reject>;

/** One reading of one partition. */
const scan = z.object({
  /** The partition. */
  list: z.string(),
  kind: z.string(),
  pages: z.number(),
  records: z.number(),
  total: z.number().nullable(),
  complete: z.boolean(),
  drift: z.boolean(),
});
export type Scan = z.infer<typeof scan>;

const counts = z.object({
  requests: z.number(),
  records: z.number(),
  vendorTotal: z.number().nullable(),
  changed: z.number(),
  unchanged: z.number(),
  deleted: z.number(),
  rejected: z.number(),
});

/**
 * One entry of a stream's append-only log, `commits/<source>/<account>/<stream>/<n>.json`. An object in the lake counts only if a
 * commit names it. `n` is the `_seq` of the commit's rows.
 */
export const commitSchema = z.object({
  /** 2 if rows of the digest are in shards, which earlier versions cannot read. */
  version: z.literal([1, 2]),
  n: z.number().int().positive(),
  loadId: z.string(),
  runId: z.string(),
  source: z.string(),
  account: z.string(),
  stream: z.string(),
  /** Scheduled time of the run. */
  at: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  status: z.enum(['ok', 'partial', 'failed']),
  /** Written by a backfill, which says nothing about how fresh the stream is. */
  backfill: z.literal(true).optional(),
  windowFrom: z.iso.datetime().nullable(),
  windowTo: z.iso.datetime().nullable(),
  raw: z.array(z.string()),
  staged: z.array(stagedFile),
  /** Keys of the objects that together hold the stream's digest, oldest first. */
  digests: z.array(z.string()),
  scans: z.array(scan),
  rejects: z.array(reject),
  counts,
  /** A `StreamState`, checked when the stream's next run reads it. */
  state: z.record(z.string(), z.unknown()),
});
export type Commit = z.infer<typeof commitSchema>;

/** What is particular to a commit that no run of extraction makes. */
interface Maker {
  readonly loadId: string;
  /** What the commit is made for, in place of a run's id. */
  readonly runId: string;
  /** The clock, ms. */
  readonly now: number;
}

/** The commit after `last` that loads nothing and has the same digest and state. */
export function emptyCommit(last: Commit, { loadId, runId, now }: Maker): Commit {
  const when = new Date(now).toISOString();
  return {
    ...last,
    n: last.n + 1,
    ...{ loadId, runId, startedAt: when, endedAt: when },
    // Like a backfill, it says nothing about how fresh the stream is.
    backfill: true,
    ...{ windowFrom: null, windowTo: null, raw: [], staged: [], scans: [], rejects: [] },
    counts: { requests: 0, records: 0, vendorTotal: null, changed: 0, unchanged: 0, deleted: 0, rejected: 0 },
  };
}
