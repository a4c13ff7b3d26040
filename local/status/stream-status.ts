import type { Commit } from '../../functions/lake/commit.ts';
import { readCommit } from '../../functions/lake/commit-log.ts';
import type { StreamId } from '../../functions/lake/keys.ts';
import { commitPrefix } from '../../functions/lake/keys.ts';
import type { Store } from '../../functions/ports.ts';

/** How one stream of one account stands; instants in ISO 8601. */
export interface StreamStatus extends StreamId {
  /** How the last run ended, `never` before the first, `stale` where the last whole run is too long ago. */
  readonly state: 'ok' | 'partial' | 'failed' | 'stale' | 'never';
  readonly stale: boolean;
  readonly lastRunAt: string | null;
  readonly lastOkAt: string | null;
  /** Scheduled time of the last whole run: the data is complete up to it. */
  readonly dataTo: string | null;
  /** Since the last whole run. */
  readonly lagMinutes: number | null;
  readonly changedIn24h: number;
  readonly rejectedIn24h: number;
  /** Commits that no warehouse of this data directory holds yet. */
  readonly toLoad: number;
}

/** What a status is judged by. */
export interface StatusOptions {
  readonly store: Store;
  readonly now: number;
  readonly maxAgeMs: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Reads a stream's log from its end, back to yesterday and to the last whole run. */
export async function streamStatus(id: StreamId, options: StatusOptions): Promise<StreamStatus> {
  const { store, now, maxAgeMs } = options;
  const keys: string[] = [];
  for await (const key of store.list(commitPrefix(id))) keys.push(key);
  let last: Commit | undefined;
  let whole: Commit | undefined;
  const sum = { changed: 0, rejected: 0 };
  for (const key of keys.reverse()) {
    const commit = await readCommit(store, key, id);
    last ??= commit;
    if (commit.status === 'ok' && !commit.backfill) whole ??= commit;
    const isRecent = now - Date.parse(commit.endedAt) < DAY_MS;
    if (!isRecent && whole) break;
    if (!isRecent) continue;
    sum.changed += commit.counts.changed + commit.counts.deleted;
    sum.rejected += commit.counts.rejected;
  }
  const lagMs = whole ? Math.max(0, now - Date.parse(whole.endedAt)) : null;
  const stale = lagMs === null || lagMs > maxAgeMs;
  const loaded = await loadedUpTo(id, store);
  return {
    ...id,
    state: last === undefined ? 'never' : last.status === 'ok' && stale ? 'stale' : last.status,
    stale,
    lastRunAt: last?.endedAt ?? null,
    lastOkAt: whole?.endedAt ?? null,
    dataTo: whole?.at ?? null,
    lagMinutes: lagMs === null ? null : Math.round(lagMs / MINUTE_MS),
    changedIn24h: sum.changed,
    rejectedIn24h: sum.rejected,
    toLoad: keys.filter((key) => numberOf(key) > loaded).length,
  };
}

function numberOf(key: string): number {
  return Number(/(\d{12})\.json$/.exec(key)?.[1] ?? 0);
}

/** The loader's progress, of the warehouse that is furthest. */
async function loadedUpTo({ source, account, stream }: StreamId, store: Store): Promise<number> {
  let furthest = 0;
  for await (const key of store.list('progress/')) {
    if (!key.endsWith(`/${source}/${account}/${stream}.json`)) continue;
    const body = await store.get(key);
    const n = Number(/"n":(\d+)/.exec(Buffer.from(body ?? []).toString('utf8'))?.[1] ?? 0);
    furthest = Math.max(furthest, n);
  }
  return furthest;
}
