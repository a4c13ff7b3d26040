import type { Commit, Scan, StreamId } from '../commit.ts';
import type { Client } from '../http/client.ts';
import type { Ports } from '../ports.ts';
import type { List, Source, Stream } from '../source.ts';
import type { CommitLog } from './commit-log.ts';
import type { Diff } from './diff.ts';
import type { Digest } from './digest.ts';
import type { Flatten } from './flatten.ts';
import type { RawPages } from './raw.ts';
import type { Rejects } from './rejects.ts';
import type { Stager } from './stage.ts';
import type { StreamState } from './state.ts';
import type { Tuning } from './tuning.ts';

/** One run of one stream: what its steps share. */
export interface Run {
  readonly source: Source;
  readonly stream: Stream;
  readonly id: StreamId;
  readonly baseUrl: string;
  /** Scheduled time, ms. */
  readonly at: number;
  readonly runId: string;
  readonly ports: Ports;
  readonly client: Client;
  readonly log: CommitLog;
  readonly tuning: Tuning;
  readonly digest: Digest;
  readonly flatten: Flatten;
  readonly diff: Diff;
  readonly stager: Stager;
  readonly raw: RawPages;
  readonly rejects: Rejects;
  /** Key that the sticky column had, by the value of the other. */
  readonly aliases: Map<string, string>;
  /** A stretch is read on request, not what is due. */
  readonly backfill: boolean;
  /** First day of history that is read, days since the epoch; undefined: all. */
  readonly historyDay: number | undefined;
  /** Runs one piece of work at a time. */
  readonly serially: <T>(work: () => Promise<T>) => Promise<T>;
  /** What changes while the run goes on. */
  readonly progress: Progress;
}

/** Where the next run goes on, should this one be cut here. */
export interface Position {
  readonly kind: 'sweep' | 'window' | 'head';
  readonly list: string;
  /** How far back the next run reads at least, ms. */
  readonly from?: number;
}

export interface Progress {
  state: StreamState;
  scans: Scan[];
  records: number;
  vendorTotal: number | null;
  window: { from: number | null; to: number | null };
  /** Warnings said once each. */
  readonly warned: Set<string>;
  /** Failures that did not stop the run. */
  readonly failures: Error[];
  position: Position | undefined;
  nextPage: number;
  /** A page or a commit failed half way. */
  broken: { readonly by: unknown } | undefined;
  /** Digest objects of the last commit. */
  digests: readonly string[];
  requestsCommitted: number;
  committedAt: number;
  /** When the run began, by the clock. */
  readonly startedAt: number;
  /** The commit in the making. */
  commit: { readonly n: number; readonly loadId: string };
  /** Counts of the finished commits of this run. */
  readonly done: Commit['counts'][];
}

/**
 * Runs work that counts whole or not at all. Once it has failed, what was staged and what the digest says may differ: then nothing
 * of this run is committed any more, and the next run reads it again.
 */
export async function allOrNothing<T>({ progress }: Run, work: () => Promise<T>): Promise<T> {
  if (progress.broken) throw progress.broken.by;
  try {
    return await work();
  } catch (error) {
    progress.broken ??= { by: error };
    throw error;
  }
}

/** Says a warning once a run. */
export function warnOnce({ ports, id, progress }: Run, message: string): void {
  if (progress.warned.has(message)) return;
  progress.warned.add(message);
  ports.log('warn', message, { ...id });
}

/** Address of a page: the stream's path with the list's parameters, and the query. Never shown. */
export function addressOf(
  { baseUrl, stream }: Pick<Run, 'baseUrl' | 'stream'>,
  list: List,
  query: Readonly<Record<string, string>>,
): string {
  const path = stream.path.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(list.params?.[name] ?? ''),
  );
  const search = new URLSearchParams({ ...list.query, ...query }).toString();
  return `${baseUrl}${path}${search ? `?${search}` : ''}`;
}
