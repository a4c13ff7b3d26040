import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read } from './read.ts';

/** Reads the figures of a range of days for each partition. */
export function readDays(session: StreamSession, plan: PlannedRead): Read {
  const { digest, at } = session;
  // History is read range by range; a partition counts as read after the last range.
  const isLastRange = !plan.backfill && (plan.window?.to?.getTime() ?? at) >= at;
  return newRead(session, plan, {
    isConcurrent: true,
    partitionDone({ partition, failure }) {
      if (isLastRange && !failure) digest.setCursor(partition.id, { readAt: at });
    },
    conclude() {},
  });
}
