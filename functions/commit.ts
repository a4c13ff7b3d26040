import * as z from 'zod';
import type { StagedFile } from './ports.ts';

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

/** Values refused or doubted, by table, column and reason; a reason names a kind, never a value. */
export const reject = z.object({ table: z.string(), column: z.string(), reason: z.string(), count: z.number() });
export type Reject = z.infer<typeof reject>;

/** One walk over one list of the vendor. */
const scan = z.object({
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
 * One entry of a stream's append-only log, `commits/<source>/<account>/<stream>/<n>.json`. Nothing counts that no commit names.
 * `n` is the `_seq` of its rows.
 */
export const commitSchema = z.object({
  version: z.literal(1),
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
  /** Read on request: says nothing of how fresh the stream is. */
  backfill: z.literal(true).optional(),
  windowFrom: z.iso.datetime().nullable(),
  windowTo: z.iso.datetime().nullable(),
  raw: z.array(z.string()),
  staged: z.array(stagedFile),
  /** Digest objects that together are the stream's digest, oldest first. */
  digests: z.array(z.string()),
  scans: z.array(scan),
  rejects: z.array(reject),
  counts,
  /** What the source keeps from run to run; read back by the stream alone. */
  state: z.record(z.string(), z.unknown()),
});
export type Commit = z.infer<typeof commitSchema>;

/** Identity of a stream's log. */
export interface StreamId {
  readonly source: string;
  readonly account: string;
  readonly stream: string;
}

/** Key of the log's folder, with a slash at the end. */
export function commitPrefix({ source, account, stream }: StreamId): string {
  return `commits/${source}/${account}/${stream}/`;
}

/** Key of one commit; zero-padded, so that byte order is commit order. */
export function commitKey(id: StreamId, n: number): string {
  return `${commitPrefix(id)}${String(n).padStart(12, '0')}.json`;
}

/** Key of one staged file. `day` is the UTC day of the run's scheduled time. */
export function stagedKey(table: string, account: string, day: string, loadId: string, part: number): string {
  return `staging/${table}/acct=${account}/day=${day}/${loadId}-${String(part).padStart(4, '0')}.parquet`;
}
