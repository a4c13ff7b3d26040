import type { Partition } from '../../source/page.ts';
import type { PerParentStream } from '../../source/source.ts';
import { dayOf, durationMs } from '../../time.ts';
import { isWithin, type PlannedRead, type PlanOptions, since } from './plan.ts';

/**
 * Partitions of young and of changed parents, and a share of the others: the longest unread first, so many that each is read
 * within `maxAge`.
 */
export function planPerParent(
  stream: PerParentStream,
  partitions: readonly Partition[],
  { state, digest, siblings, at, window }: PlanOptions,
): readonly PlannedRead[] {
  const parents = siblings.recordsOf(stream.parent);
  const hotDay = dayOf(at - durationMs(stream.hotFor));
  const due: Partition[] = [];
  const waiting: { readonly partition: Partition; readonly ago: number }[] = [];
  for (const partition of partitions) {
    const cursor = digest.cursors.get(partition.id);
    const parent = parents.get(partition.id);
    if (window) {
      if (parent && isWithin(parent.partOn, window)) due.push(partition);
    } else if (!cursor || cursor.parentHash !== parent?.contentHash || (parent?.partOn ?? 0) >= hotDay) {
      due.push(partition);
    } else {
      waiting.push({ partition, ago: since(cursor.readAt, at) });
    }
  }
  waiting.sort((a, b) => (a.ago === b.ago ? 0 : b.ago - a.ago));
  const share = shareOf(stream, since(state.ranAt ?? at, at));
  const rotating = waiting.slice(0, Math.ceil(waiting.length * share)).map(({ partition }) => partition);
  return [{ kind: 'parents', partitions: [...due, ...rotating], tiers: [], backfill: window !== undefined }];
}

/** Share of the waiting partitions to read now. Reading all within six sevenths of `maxAge` leaves time for runs that fail. */
function shareOf({ maxAge }: PerParentStream, sinceLastRunMs: number): number {
  return Math.min(1, Math.max(0, sinceLastRunMs) / ((durationMs(maxAge) * 6) / 7));
}
