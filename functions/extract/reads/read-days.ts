import type { PartitionCursor } from '../../lake/digest/digest-entry.ts';
import type { Partition, Window } from '../../source/page.ts';
import { dayOf } from '../../time.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read } from './read.ts';

/** Reads the figures of a range of days for each partition. */
export function readDays(session: StreamSession, plan: PlannedRead): Read {
  const { digest, at } = session;
  const { window, backfill } = plan;
  const isHistory = (window?.to?.getTime() ?? at) < at;
  // An older range continues one that was read: history without a gap is what the cursor says.
  const isNext = ({ id }: Partition) => backfill || !isHistory || adjoins(digest.cursors.get(id), window);
  return newRead(session, plan, {
    isConcurrent: true,
    partitions: plan.partitions.filter(isNext),
    partitionDone({ partition: { id }, scan, failure }) {
      const known = digest.cursors.get(id);
      if (backfill || failure) return;
      // The vendor has no such figures now (404): they are requested again when the next tier is due.
      if (!scan) digest.setCursor(id, known ?? { readAt: at });
      else digest.setCursor(id, isHistory ? extended(known, window, at) : renewed(known, window, at));
    },
    conclude() {},
  });
}

/** True if the range ends on the day before the one from which the partition was read, or later. */
function adjoins(cursor: PartitionCursor | undefined, window: Window | undefined): boolean {
  return cursor?.readFrom !== undefined && dayOf(window?.to?.getTime() ?? 0) >= cursor.readFrom - 1;
}

function extended(known: PartitionCursor | undefined, window: Window | undefined, at: number): PartitionCursor {
  return { readAt: at, ...known, readFrom: startOf(window, at) };
}

/** If days lie between the last read and this range, only this range counts as read. */
function renewed(known: PartitionCursor | undefined, window: Window | undefined, at: number): PartitionCursor {
  const from = startOf(window, at);
  const isUnbroken = known?.readFrom !== undefined && dayOf(known.readAt) >= from - 1;
  return { readAt: at, readFrom: isUnbroken ? Math.min(known.readFrom, from) : from };
}

function startOf(window: Window | undefined, at: number): number {
  return dayOf(window?.from.getTime() ?? at);
}
