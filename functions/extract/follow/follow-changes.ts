import { whyCut } from '../../http/client.ts';
import type { DueRow } from '../../lake/agenda/segment.ts';
import { HASH_END } from '../../lake/digest/shard.ts';
import { releaseCursors } from '../../lake/digest.ts';
import type { KnownRecord } from '../../source/source.ts';
import type { KnownStream } from '../session/sibling-records.ts';
import { type DueRowContext, dueAt, settledDueAt } from './due-rows.ts';
import { parentRecords, parentRecordsFrom } from './parent-records.ts';

/** So many rows of a new agenda need as much memory as one recent row of a digest. */
const ROWS_PER_RECENT = 3;

/** What {@link follow} needs. */
export interface FollowContext extends DueRowContext {
  readonly parents: KnownStream;
  /** Names of parents that have changed; undefined if the agenda knows nothing. */
  readonly names: readonly string[] | undefined;
  /** The agenda was made in this run and is not saved yet. */
  readonly isNew: boolean;
  /** Ids of the partitions that these parents have. */
  readonly listedIn: (parents: ReadonlyMap<string, KnownRecord>) => Promise<ReadonlySet<string>>;
}

/**
 * Notes when the partitions of changed parents are due. For a new agenda, these are all parents. If there is no time for all, the run
 * stops between two shards of the digest and fails with exit code 6; the next run continues there.
 */
export async function follow(context: FollowContext): Promise<void> {
  const { agenda, names, parents, isNew, session } = context;
  for await (const batch of parentRecords(parents.digest, names ?? [])) await followSome(context, batch);
  const { madeTo } = agenda.head();
  const isMaking = isNew || madeTo !== undefined;
  const left = isMaking ? await makeFrom(context, madeTo) : undefined;
  const head = agenda.head();
  agenda.updateHead({ ...head, at: Math.max(head.at, session.at), followed: parents.n, madeTo: left });
}

/** Follows the parents from a hash on, all by default. @returns the hash at which the next run continues; undefined if all were followed */
async function makeFrom(context: FollowContext, from: number | undefined): Promise<number | undefined> {
  const { agenda, parents, session } = context;
  const most = ROWS_PER_RECENT * session.tuning.mostRecentRows;
  let rows: DueRow[] = [];
  let left: number | undefined;
  for await (const { records, upTo } of parentRecordsFrom(parents.digest, from)) {
    for (const row of await rowsOf(context, records)) rows.push(row);
    const cut = upTo < HASH_END ? whyCut(session, describeLeft(upTo / HASH_END)) : undefined;
    if (cut) {
      session.progress.fail(cut);
      left = upTo;
      break;
    }
    if (rows.length <= most) continue;
    await agenda.addRows(rows);
    rows = [];
  }
  await agenda.addRows(rows);
  return left;
}

/** The rows of parents that the agenda does not know. */
async function rowsOf(context: FollowContext, parents: ReadonlyMap<string, KnownRecord>): Promise<readonly DueRow[]> {
  const { agenda, listedIn, session } = context;
  await loadCursors(context, parents);
  const listed = await listedIn(parents);
  const rows = [...parents].flatMap(([name, parent]): DueRow[] => {
    const due = listed.has(name) && !agenda.recent.has(name) ? dueAt(context, name, parent) : undefined;
    return due === undefined ? [] : [[due, name]];
  });
  releaseCursors(session.digest);
  return rows;
}

/** Notes when the partitions of parents are due that have changed. */
async function followSome(context: FollowContext, parents: ReadonlyMap<string, KnownRecord>): Promise<void> {
  const { agenda, listedIn, session } = context;
  await loadCursors(context, parents);
  const listed = await listedIn(parents);
  for (const [name, parent] of parents) {
    const was = settledDueAt(context, name, parent);
    agenda.set(name, listed.has(name) ? dueAt(context, name, parent) : undefined, { was });
  }
  if (agenda.recent.size > session.tuning.mostRecentRows) await agenda.settle(0);
  releaseCursors(session.digest);
}

/** Loads the cursors of parents. A parent that was first seen after the agenda's last change has none. */
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

/** @param share of the parents that were followed, 0 to 1 */
function describeLeft(share: number): string {
  return `which lists are due is worked out again, for ${Math.floor(share * 100)} % of them so far`;
}
