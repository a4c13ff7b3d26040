import type { Commit } from '../../../functions/lake/commit.ts';
import { readCommit, readState } from '../../../functions/lake/commit-log.ts';
import { commitNumber, commitPrefix, type StreamId } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import { DAY_MS, MINUTE_MS } from '../../../functions/time.ts';
import type { LoadedUpTo } from './loaded-up-to.ts';
import { missingCommits } from './log-fault.ts';

/** Status of one stream of one account; instants are in ISO 8601. */
export interface StreamStatus extends StreamId {
  /**
   * How the last run ended; `never` before the first; `stale` if the last complete run that is loaded is too old; `damaged` if commits of the
   * log are missing, or the lake is older than the warehouse.
   */
  readonly state: 'ok' | 'partial' | 'failed' | 'stale' | 'never' | 'damaged';
  /** What is wrong with the stream's log, and what to do; null if nothing is. */
  readonly fault: string | null;
  readonly stale: boolean;
  readonly lastRunAt: string | null;
  /** End of the last complete run, loaded or not. */
  readonly lastOkAt: string | null;
  /** Scheduled time of the last complete run that is loaded. The data is complete up to this time. */
  readonly dataTo: string | null;
  /** Minutes since the end of the last complete run that is loaded. */
  readonly lagMinutes: number | null;
  readonly changedIn24h: number;
  readonly rejectedIn24h: number;
  /** Number of commits that are not loaded yet. */
  readonly toLoad: number;
  /** End of the oldest run that is not loaded yet. */
  readonly toLoadSince: string | null;
  /** Removals that wait for `confirm-removals`, with the scheduled time of the scan that proved them; null if there are none. */
  readonly heldRemovals: { readonly count: number; readonly since: string } | null;
  /** The full scan in progress: how much of it is done, 0 to 1, and the scheduled time at which it began; null if there is none. */
  readonly scan: { readonly share: number; readonly since: string } | null;
  /** Scheduled time at which the last full scan ended: edits and removals until its beginning are known. */
  readonly scannedAt: string | null;
  /**
   * Records that the list does not show any more, and that share their time with others at a page's edge, so that no scan proves them
   * gone; counted by the last full scan.
   */
  readonly unprovable: number;
  /** Lists of the full scan that answered 404 (not found), by id; their rows are kept. */
  readonly missingLists: readonly string[];
}

/** What a status is computed from. */
export interface StatusOptions {
  readonly store: Store;
  readonly now: number;
  readonly maxAgeMs: number;
  readonly loadedUpTo: LoadedUpTo;
  /** What is wrong with the log, as the warehouse tells. */
  readonly faultOf?: ((id: StreamId) => string | undefined) | undefined;
}

/** The end of a stream's log, back to 24 hours ago and to the last complete run that is loaded. */
interface LogEnd {
  readonly last?: Commit;
  readonly complete?: Commit;
  readonly loadedRun?: Commit;
  readonly changed: number;
  readonly rejected: number;
}

/** Status of a stream. Only runs that the warehouse holds count as fresh. */
export async function streamStatus(id: StreamId, options: StatusOptions): Promise<StreamStatus> {
  const { store, now, maxAgeMs } = options;
  const loaded = await options.loadedUpTo(id);
  const keys: string[] = [];
  for await (const key of store.list(commitPrefix(id))) if (commitNumber(key) !== undefined) keys.push(key);
  const { last, complete, loadedRun, changed, rejected } = await readLogEnd(id, keys, loaded, options);
  const waiting = keys.filter((key) => numberOf(key) > loaded);
  const oldest = waiting[0] === undefined ? undefined : await readCommit(store, waiting[0], id);
  const lagMs = loadedRun ? Math.max(0, now - Date.parse(loadedRun.endedAt)) : null;
  const stale = lagMs === null || lagMs > maxAgeMs;
  const fault = missingCommits(keys.map(numberOf), last) ?? options.faultOf?.(id) ?? null;
  return {
    ...id,
    state: stateOf(last, { stale, fault }),
    fault,
    stale,
    lastRunAt: last?.endedAt ?? null,
    lastOkAt: complete?.endedAt ?? null,
    dataTo: loadedRun?.at ?? null,
    lagMinutes: lagMs === null ? null : Math.round(lagMs / MINUTE_MS),
    changedIn24h: changed,
    rejectedIn24h: rejected,
    toLoad: waiting.length,
    toLoadSince: oldest?.endedAt ?? null,
    ...ofState(last, id),
  };
}

function stateOf(
  last: Commit | undefined,
  { stale, fault }: Pick<StreamStatus, 'stale' | 'fault'>,
): StreamStatus['state'] {
  if (fault !== null) return 'damaged';
  if (last === undefined) return 'never';
  return last.status === 'ok' && stale ? 'stale' : last.status;
}

/** What the state of the last commit says about full scans and removals. */
function ofState(
  last: Commit | undefined,
  id: StreamId,
): Pick<StreamStatus, 'heldRemovals' | 'scan' | 'scannedAt' | 'unprovable' | 'missingLists'> {
  const { held, scan, sweptAt, tied = 0, missingLists = [] } = readState(last, id);
  return {
    heldRemovals: held ? { count: held.count, since: new Date(held.scan).toISOString() } : null,
    scan: scan ? { share: scan.share, since: new Date(scan.startedAt).toISOString() } : null,
    scannedAt: sweptAt === undefined ? null : new Date(sweptAt).toISOString(),
    unprovable: tied,
    missingLists,
  };
}

async function readLogEnd(
  id: StreamId,
  keys: readonly string[],
  loaded: number,
  { store, now }: StatusOptions,
): Promise<LogEnd> {
  const end: { -readonly [K in keyof LogEnd]: LogEnd[K] } = { changed: 0, rejected: 0 };
  for (const key of [...keys].reverse()) {
    const commit = await readCommit(store, key, id);
    end.last ??= commit;
    if (commit.status === 'ok' && !commit.backfill) {
      end.complete ??= commit;
      if (commit.n <= loaded) end.loadedRun ??= commit;
    }
    const isRecent = now - Date.parse(commit.endedAt) < DAY_MS;
    if (!isRecent && end.complete && (end.loadedRun || loaded === 0)) break;
    if (!isRecent) continue;
    end.changed += commit.counts.changed + commit.counts.deleted;
    end.rejected += commit.counts.rejected;
  }
  return end;
}

function numberOf(key: string): number {
  return Number(/(\d{12})\.json$/.exec(key)?.[1] ?? 0);
}
