import type { PartitionCursor } from '../../lake/digest/digest-entry.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import type { Partition } from '../../source/page.ts';
import type { KnownRecord, PerParentStream } from '../../source/source.ts';
import { DAY_MS, durationMs, isWithin } from '../../time.ts';
import { compare, leaveFailedToTheEnd, type PlannedRead, type PlanOptions, since } from './plan.ts';

/**
 * Partitions that are due: those that were never read, those whose parent changed, and those whose parent has reached one of the
 * stream's ages since they were read. The newest parents come first, because most is written into their lists.
 */
export function planPerParent(
  stream: PerParentStream,
  partitions: readonly Partition[],
  { state, digest, siblings, at, window }: PlanOptions,
): readonly PlannedRead[] {
  const parents = siblings.recordsOf(stream.parent);
  const reachedAges = ageCounter(stream);
  const due: DuePartition[] = [];
  for (const partition of partitions) {
    const cursor = digest.cursors.get(partition.id);
    const parent = parents.get(partition.id);
    const bornAt = parent ? birthOf(parent, partition.id) : 0;
    const isWanted = window
      ? parent !== undefined && isWithin(parent.partOn, window)
      : isChanged(cursor, parent) || !cursor || isStale(cursor, state) || isGrown(cursor, { bornAt, at, reachedAges });
    if (isWanted) due.push({ partition, bornAt, readAt: cursor?.readAt ?? Number.NEGATIVE_INFINITY });
  }
  const ordered = leaveFailedToTheEnd(inTurn(due), state);
  return [{ kind: 'parents', partitions: ordered, tiers: [], backfill: window !== undefined }];
}

/** True if a text is shown or hidden since the partition was read, so that its records must be read again from the first on. */
export function isStale({ readAt }: PartitionCursor, { rereadAt }: Pick<StreamState, 'rereadAt'>): boolean {
  return rereadAt !== undefined && readAt <= rereadAt;
}

interface DuePartition {
  readonly partition: Partition;
  /** See {@link birthOf}. */
  readonly bornAt: number;
  /** Scheduled time of the last complete read, ms. */
  readonly readAt: number;
}

function isChanged(cursor: PartitionCursor | undefined, parent: KnownRecord | undefined): boolean {
  return cursor?.parentHash !== parent?.contentHash;
}

interface Growth {
  readonly bornAt: number;
  readonly at: number;
  readonly reachedAges: (age: number) => number;
}

/** True if the parent has reached a further age since its partition was read. */
function isGrown({ readAt }: PartitionCursor, { bornAt, at, reachedAges }: Growth): boolean {
  return since(readAt, at) === Number.POSITIVE_INFINITY || reachedAges(at - bornAt) > reachedAges(readAt - bornAt);
}

/** Counts the ages of a stream that a parent of this age, ms, has reached. */
function ageCounter({ readAtAges, thenEvery }: PerParentStream): (age: number) => number {
  const ages = readAtAges.map(durationMs);
  const last = ages.at(-1) ?? 0;
  const interval = durationMs(thenEvery);
  return (age) => ages.filter((each) => each <= age).length + Math.max(0, Math.floor((age - last) / interval));
}

/**
 * When a parent record was made, ms, as far as that is known: when it was first seen, or the end of its day if that is earlier. For a record
 * that was first seen long after its day, it is a moment of that day that depends on the id, so that not all records of a day are due at
 * once.
 */
export function birthOf({ firstSeenAt, partOn }: KnownRecord, id: string): number {
  const end = (partOn + 1) * DAY_MS;
  if (firstSeenAt <= end) return firstSeenAt;
  return firstSeenAt - end <= DAY_MS ? end : end - spread(id) * DAY_MS;
}

/** A number from 0 to 1 that depends on the text only. */
function spread(text: string): number {
  let hash = 0;
  for (const letter of text) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0) / 2 ** 32;
}

/** Of this many partitions, the last one is the one that has waited longest. */
const TURN = 4;

/** The newest first, but every fourth one is the one that has waited longest, so that each has its turn even if every run is cut. */
function inTurn(due: readonly DuePartition[]): readonly Partition[] {
  const newest = due.toSorted((one, other) => other.bornAt - one.bornAt);
  const waiting = due.toSorted((one, other) => compare(one.readAt, other.readAt) || one.bornAt - other.bornAt);
  const ordered = new Set<Partition>();
  for (const [n, { partition }] of newest.entries()) {
    ordered.add(partition);
    const longest = waiting[Math.floor(n / (TURN - 1))];
    if (n % (TURN - 1) === TURN - 2 && longest) ordered.add(longest.partition);
  }
  return [...ordered];
}
