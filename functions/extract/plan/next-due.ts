import type { PartitionCursor } from '../../lake/digest/digest-entry.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import type { DetailsStream, KnownRecord, PerParentStream } from '../../source/source.ts';
import { dayOf, durationMs } from '../../time.ts';
import { since } from './plan.ts';
import { birthOf, isStale } from './plan-per-parent.ts';

/** A stream that has a partition for each record of another one. */
export type FollowingStream = PerParentStream | DetailsStream;

/** What decides when a partition is due. */
export interface DueFacts {
  readonly id: string;
  readonly parent: KnownRecord;
  readonly cursor: PartitionCursor | undefined;
  readonly state: StreamState;
  /** Scheduled time of the run, ms. */
  readonly at: number;
}

/**
 * When a partition is due next if its parent does not change, ms; never later than the plan says. Undefined for never. A partition that is
 * due now, because it was never read or its parent has changed, is due since its parent was made, so that the newest have the latest
 * times.
 */
export function nextDueAt(stream: FollowingStream, facts: DueFacts): number | undefined {
  const { id, parent, cursor, state, at } = facts;
  const bornAt = birthOf(parent, id);
  const now = Math.floor(Math.min(bornAt, at));
  if (!cursor || cursor.parentHash !== parent.contentHash) return now;
  if (stream.kind === 'per-parent') {
    const isLost = isStale(cursor, state) || since(cursor.readAt, at) === Number.POSITIVE_INFINITY;
    return isLost ? now : Math.floor(bornAt + nextAge(stream, cursor.readAt - bornAt));
  }
  // The plan decides whether a record that could not be read is tried again, by how long that has been so.
  if (cursor.failedSince !== undefined) return Math.min(cursor.failedAt ?? at, at);
  return nextReread(stream, { parent, readAt: cursor.readAt, at });
}

/** The first age of a stream that is greater than this one, ms. */
function nextAge({ readAtAges, thenEvery }: PerParentStream, age: number): number {
  const ages = readAtAges.map(durationMs);
  const last = ages.at(-1) ?? 0;
  const interval = durationMs(thenEvery);
  return ages.find((each) => each > age) ?? last + (Math.max(0, Math.floor((age - last) / interval)) + 1) * interval;
}

/** When the details of a young record are requested again. */
function nextReread(
  { declared: { again = [] } }: DetailsStream,
  { parent, readAt, at }: { readonly parent: KnownRecord; readonly readAt: number; readonly at: number },
): number | undefined {
  const times = again.flatMap(({ every, back }) => {
    const dueAt = readAt + durationMs(every);
    // A record that will be too old by then must not be looked up in every run.
    return parent.partOn >= dayOf(Math.max(dueAt, at) - durationMs(back)) ? [dueAt] : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
