import type { Commit } from '../lake/commit.ts';
import { readCommit, readLastCommit } from '../lake/commit-log.ts';
import { commitKey, type StreamId } from '../lake/keys.ts';
import type { Store } from '../ports.ts';
import { MINUTE_MS } from '../time.ts';

/** The streams of one account. */
export interface AccountStreams {
  readonly source: string;
  readonly account: string;
  readonly streams: readonly string[];
}

/** Commits looked through for the last whole run; beyond them a stream counts as at least that old. */
const FURTHEST = 100;

/** Minutes from the last whole run of the stalest stream to `at`; undefined where no stream ever ran. */
export async function freshnessMinutes(
  { streams, ...id }: AccountStreams,
  at: number,
  store: Store,
): Promise<number | undefined> {
  const ages = await Promise.all(streams.map((stream) => lastWhole(store, { ...id, stream })));
  const known = ages.filter((whole) => whole !== undefined);
  if (known.length === 0) return undefined;
  return Math.max(0, Math.round((at - Math.min(...known)) / MINUTE_MS));
}

/** A backfill is none of the runs that were due. */
function isWhole({ status, backfill }: Commit): boolean {
  return status === 'ok' && !backfill;
}

/** Scheduled time of the last whole run, or of the oldest one looked at. */
async function lastWhole(store: Store, id: StreamId): Promise<number | undefined> {
  let commit: Commit | undefined = await readLastCommit(store, id);
  for (let looked = 1; commit && !isWhole(commit) && looked < FURTHEST; looked += 1) {
    const before = commitKey(id, commit.n - 1);
    if (!(await store.get(before))) break;
    commit = await readCommit(store, before, id);
  }
  return commit && Date.parse(commit.at);
}
