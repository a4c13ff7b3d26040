import type { Agenda } from '../../lake/agenda/agenda.ts';
import { encodeList, type StoredList } from '../../lake/agenda/known-list.ts';
import type { KnownRecord } from '../../source/source.ts';
import { type FollowingStream, nextDueAt } from '../plan/next-due.ts';
import type { StreamSession } from '../session/session.ts';

/** What the rows of an agenda are made from. The cursors of their partitions must be in memory. */
export interface DueRowContext {
  readonly session: StreamSession;
  readonly stream: FollowingStream;
  readonly agenda: Agenda;
}

/** When a partition is due next, ms; undefined for never. */
export function dueAt({ session, stream }: DueRowContext, id: string, parent: KnownRecord): number | undefined {
  const { digest, progress, at } = session;
  return nextDueAt(stream, { id, parent, cursor: digest.cursors.get(id), state: progress.state(), at });
}

/** The instant that was noted when a partition was read last, ms; undefined if it never was. */
export function settledDueAt(
  { session, stream, agenda }: DueRowContext,
  id: string,
  parent: KnownRecord,
): number | undefined {
  const cursor = session.digest.cursors.get(id);
  if (cursor?.parentHash === undefined) return undefined;
  // Of a parent, what its birth follows from never changes.
  const before = { ...parent, contentHash: cursor.parentHash };
  const at = Math.max(session.at, agenda.head().at);
  return nextDueAt(stream, { id, parent: before, cursor, state: session.progress.state(), at });
}

/** A partition that was read. */
interface NotedRead {
  readonly name: string;
  readonly parent: KnownRecord;
  /** When it is due next, ms. */
  readonly due: number | undefined;
}

/**
 * What the next plan of a partition is made from, so that nobody has to look it up. It must be dropped once the parent changes, so it
 * is kept only where {@link settledDueAt} finds its row again: not of details, because a removal changes their cursor, and of no partition
 * that is due now. Values that a parent hands on may be sensitive, so no copy of them is kept.
 */
export function listToKeep(
  { session, stream }: DueRowContext,
  { name, parent, due }: NotedRead,
): StoredList | undefined {
  const cursor = session.digest.cursors.get(name);
  if (stream.kind !== 'per-parent' || parent.handed !== undefined) return undefined;
  if (cursor?.parentHash !== parent.contentHash) return undefined;
  return due !== undefined && due > session.at ? encodeList({ parent, cursor }) : undefined;
}
