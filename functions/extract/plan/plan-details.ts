import type { PartitionCursor } from '../../lake/digest/digest-entry.ts';
import type { Partition } from '../../source/page.ts';
import type { DetailsStream, KnownRecord } from '../../source/source.ts';
import { DAY_MS, dayOf, durationMs, isWithin } from '../../time.ts';
import { type PlannedRead, type PlanOptions, since } from './plan.ts';

/** Details that cannot be read are requested at least this often. */
const LONGEST_PAUSE_MS = DAY_MS;

/**
 * The details of new and of changed records, the newest records first; then those that could not be read before. A backfill also
 * reads those of its days again.
 */
export function planDetails(
  stream: DetailsStream,
  partitions: readonly Partition[],
  { siblings, digest, at, window }: PlanOptions,
): readonly PlannedRead[] {
  const parents = siblings.recordsOf(stream.parent);
  const due: { readonly partition: Partition; readonly day: number }[] = [];
  const failing: { readonly partition: Partition; readonly triedAt: number }[] = [];
  let postponed = 0;
  for (const partition of partitions) {
    const parent = parents.get(partition.id);
    const cursor = digest.cursors.get(partition.id);
    if (!parent) continue;
    const isOfBackfill = window !== undefined && isWithin(parent.partOn, window);
    const isFailing = cursor?.failedSince !== undefined && cursor.parentHash === parent.contentHash;
    if (isFailing && !isOfBackfill) {
      if (isTriedAgain(cursor, at)) failing.push({ partition, triedAt: cursor.failedAt ?? 0 });
      else postponed += 1;
    } else if (isOfBackfill || isDue(stream, { parent, cursor }, at)) {
      due.push({ partition, day: parent.partOn });
    }
  }
  due.sort((a, b) => b.day - a.day);
  failing.sort((a, b) => a.triedAt - b.triedAt);
  const ordered = [...due, ...failing].map(({ partition }) => partition);
  return [{ kind: 'details', partitions: ordered, tiers: [], backfill: window !== undefined, postponed }];
}

/** What is known about one record and its details. */
interface KnownDetails {
  readonly parent: KnownRecord;
  readonly cursor: PartitionCursor | undefined;
}

function isDue({ declared: { again = [] } }: DetailsStream, { parent, cursor }: KnownDetails, at: number): boolean {
  if (!cursor || cursor.parentHash !== parent.contentHash) return true;
  const isYoung = (back: string) => parent.partOn >= dayOf(at - durationMs(back));
  return again.some(({ every, back }) => isYoung(back) && since(cursor.readAt, at) >= durationMs(every));
}

/** True in the next run, and then at growing intervals, because a record that cannot be read may stay so. */
function isTriedAgain({ failedSince, failedAt }: PartitionCursor, at: number): boolean {
  const failingMs = (failedAt ?? 0) - (failedSince ?? 0);
  return since(failedAt, at) >= Math.min(LONGEST_PAUSE_MS, failingMs);
}
