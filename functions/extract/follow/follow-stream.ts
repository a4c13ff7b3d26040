import type { KnownRecord, Stream } from '../../source/source.ts';
import { isWithin } from '../../time.ts';
import type { FollowingStream } from '../plan/next-due.ts';
import { listPartitions } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { type KnownStream, siblingsWithOnly } from '../session/sibling-records.ts';
import { openFollower } from './open-follower.ts';
import { parentRecords } from './parent-records.ts';

/** The session of a stream that has a partition for each record of another one, once it knows which of them are due. */
export async function followParentStream(session: StreamSession): Promise<StreamSession> {
  const { stream, siblings } = session;
  const parents = isFollowing(stream) ? siblings.knownStream(stream.parent) : undefined;
  if (!parents || !isFollowing(stream)) return session;
  const list = (records: ReadonlyMap<string, KnownRecord>) =>
    listPartitions(stream, siblingsWithOnly(siblings, stream.parent, records));
  const follower = await openFollower({
    session,
    stream,
    parents,
    listedIn: async (records) => new Set((await list(records)).partitions.map(({ id }) => id)),
    listedBy: await describeListing(session, (await list(await someRecord(parents))).listedBy, stream.parent),
  });
  return { ...session, follower };
}

function isFollowing(stream: Stream): stream is FollowingStream {
  return stream.kind === 'per-parent' || stream.kind === 'details';
}

/** A record or some. With records, a stream may ask for further streams that its partitions are listed by. */
async function someRecord({ digest }: KnownStream): Promise<ReadonlyMap<string, KnownRecord>> {
  for (const [key, entry] of digest.entries.recent) return new Map([[key, entry]]);
  for await (const records of parentRecords(digest)) return records;
  return new Map();
}

/** What the list of partitions depends on besides the parents: records of other streams, and options of the account. */
async function describeListing(
  { source, siblings }: StreamSession,
  listedBy: readonly string[],
  parent: string,
): Promise<string> {
  const others = listedBy.filter((name) => name !== parent);
  const records = others.map((name) =>
    [...siblings.recordsOf(name)]
      .map(([key, { group, deletedAt, handed }]) => [key, group, deletedAt !== undefined, handed])
      .sort(),
  );
  const options = (source.options ?? []).map((name) => siblings.options[name]);
  return JSON.stringify([others, records, options]);
}

/**
 * Sessions that each know some of the parent records: those whose partitions are due, or in a backfill those of its days.
 * Streams that follow no other one have none.
 */
export async function* roundsOf(session: StreamSession): AsyncGenerator<StreamSession> {
  const { stream, siblings, follower, window } = session;
  const parents = isFollowing(stream) ? siblings.knownStream(stream.parent) : undefined;
  if (!follower || !parents || !isFollowing(stream)) return;
  const knowing = (records: ReadonlyMap<string, KnownRecord>) => ({
    ...session,
    siblings: siblingsWithOnly(siblings, stream.parent, records),
  });
  await follower.followChanges();
  if (window) return yield knowing(await parentsWithin(parents, window));
  yield knowing(await follower.nextDue());
  for (;;) {
    const due = await follower.nextDue();
    if (due.size === 0) return;
    yield knowing(due);
  }
}

async function parentsWithin(
  { digest }: KnownStream,
  window: NonNullable<StreamSession['window']>,
): Promise<ReadonlyMap<string, KnownRecord>> {
  const found = new Map<string, KnownRecord>();
  for await (const batch of parentRecords(digest))
    for (const [key, record] of batch) if (isWithin(record.partOn, window)) found.set(key, record);
  return found;
}
