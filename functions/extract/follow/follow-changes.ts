import { type CallhouseError, InterruptedError, OutOfTimeError } from '../../errors.ts';
import { whyOutOfTime } from '../../http/client.ts';
import { HASH_END } from '../../lake/digest/shard.ts';
import { releaseCursors } from '../../lake/digest.ts';
import type { KnownRecord } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import type { KnownStream } from '../session/sibling-records.ts';
import { type DueRowContext, dueAt, settledDueAt } from './due-rows.ts';
import { parentRecords, parentRecordsFrom } from './parent-records.ts';

/** What follows its parents. */
export interface FollowContext extends DueRowContext {
  readonly parents: KnownStream;
  /** Names of parents that have changed; undefined if the agenda knows nothing. */
  readonly names: readonly string[] | undefined;
  readonly isNew: boolean;
  readonly listedIn: (parents: ReadonlyMap<string, KnownRecord>) => Promise<ReadonlySet<string>>;
}

/**
 * Notes when the partitions of changed parents are due. Of a new agenda these are all parents: a run that has no time for all stops
 * between two shards of the digest, fails with 6, and the next run continues there.
 */
export async function follow(context: FollowContext): Promise<void> {
  const { agenda, names, parents, isNew, session } = context;
  for await (const batch of parentRecords(parents.digest, names ?? [])) await followSome(context, batch, !isNew);
  const { madeTo } = agenda.head();
  const isMaking = isNew || madeTo !== undefined;
  const left = isMaking ? await makeFrom(context, madeTo) : undefined;
  const head = agenda.head();
  agenda.updateHead({ ...head, at: Math.max(head.at, session.at), followed: parents.n, madeTo: left });
}

/** Follows the parents from a hash on, all by default. @returns the hash at which the next run continues; undefined if all were followed */
async function makeFrom(context: FollowContext, from: number | undefined): Promise<number | undefined> {
  const { parents, session } = context;
  for await (const { records, upTo } of parentRecordsFrom(parents.digest, from)) {
    await followSome(context, records, false);
    const cut = upTo < HASH_END ? cutOf(session, upTo / HASH_END) : undefined;
    if (!cut) continue;
    session.progress.fail(cut);
    return upTo;
  }
  return undefined;
}

/** @param replaces true if the agenda may have rows of these parents */
async function followSome(
  context: FollowContext,
  parents: ReadonlyMap<string, KnownRecord>,
  replaces: boolean,
): Promise<void> {
  const { agenda, listedIn, session } = context;
  await loadCursors(context, parents);
  const listed = await listedIn(parents);
  for (const [name, parent] of parents) {
    const was = replaces ? settledDueAt(context, name, parent) : undefined;
    if (listed.has(name)) agenda.set(name, dueAt(context, name, parent), { was });
    else if (replaces) agenda.set(name, undefined, { was });
  }
  if (agenda.recent.size > session.tuning.mostRecentRows) await agenda.settle(0);
  releaseCursors(session.digest);
}

/** Loads the cursors of parents. One that was first seen since the agenda was changed has none. */
async function loadCursors({ agenda, isNew, session }: FollowContext, batch: ReadonlyMap<string, KnownRecord>) {
  const { cursors } = session.digest.parts;
  const isFresh = ({ firstSeenAt }: KnownRecord) => !isNew && firstSeenAt > agenda.head().at;
  const known = [...batch].filter(([name, parent]) => {
    const isRead = cursors.recent.has(name) || !isFresh(parent);
    if (!isRead) cursors.settled?.keep(name, undefined);
    return isRead;
  });
  await cursors.load(known.map(([name]) => name));
}

/** Why a run follows no more parents; undefined if it goes on. @param share of the parents that were followed */
function cutOf({ ports, client, id }: StreamSession, share: number): CallhouseError | undefined {
  const left = `which lists are due is worked out again, for ${Math.floor(share * 100)} % of them so far`;
  if (ports.signal?.aborted) return new InterruptedError(`interrupted: ${left}; the next run continues`, id);
  return client.hasTime() ? undefined : new OutOfTimeError(`${left}: ${whyOutOfTime(ports)}`, id);
}
