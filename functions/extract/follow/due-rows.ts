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

/** When the partition was due next as it was noted after its last read, ms; undefined if it was never read. */
export function settledDueAt(
  { session, stream, agenda }: DueRowContext,
  id: string,
  parent: KnownRecord,
): number | undefined {
  const cursor = session.digest.cursors.get(id);
  if (cursor?.parentHash === undefined) return undefined;
  // Only the hash of the parent may have changed since: when it was born never does.
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
 * What the next plan of a partition is made from, to be kept in the agenda, so that no run has to look it up. It must be dropped once the
 * parent changes. So it is kept only if {@link settledDueAt} will find its row again: not for details, because a removal changes their
 * cursor, and not for a partition that is due now. No copy is kept of values that a parent hands on, because they may be sensitive.
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
