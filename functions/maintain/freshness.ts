import type { Commit } from '../lake/commit.ts';
import { readCommit, readLastCommit } from '../lake/commit-log.ts';
import { commitKey, type StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import { MINUTE_MS } from '../time.ts';

/** The streams of one account. */
export interface AccountStreams {
  readonly source: string;
  readonly account: string;
  readonly streams: readonly string[];
}

/** Number of commits to search for the last complete run. If none of them is, the oldest of them counts. */
const MOST_COMMITS = 100;

/**
 * Age of the last complete run of the stream whose last complete run is oldest.
 * @param at the time to count back from, ms since the epoch
 * @returns minutes; undefined if no stream ever ran
 */
export async function freshnessMinutes(
  { streams, ...id }: AccountStreams,
  at: number,
  store: Store,
): Promise<number | undefined> {
  const ages = await Promise.all(streams.map((stream) => lastCompleteRun(store, { ...id, stream })));
  const known = ages.filter((age) => age !== undefined);
  if (known.length === 0) return undefined;
  return Math.max(0, Math.round((at - Math.min(...known)) / MINUTE_MS));
}

/** A backfill does not count, because it says nothing about recent records. */
function isComplete({ status, backfill }: Commit): boolean {
  return status === 'ok' && !backfill;
}

/** Scheduled time of the last complete run, or of the oldest run searched, ms; undefined if the stream never ran. */
async function lastCompleteRun(store: Store, id: StreamId): Promise<number | undefined> {
  let commit: Commit | undefined = await readLastCommit(store, id);
  for (let looked = 1; commit && !isComplete(commit) && looked < MOST_COMMITS; looked += 1) {
    const before = commitKey(id, commit.n - 1);
    if (!(await store.get(before))) break;
    commit = await readCommit(store, before, id);
  }
  return commit && Date.parse(commit.at);
}
