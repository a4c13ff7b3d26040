import type { Partition } from '../../source/page.ts';
import type { Changes } from '../changes/diff.ts';
import type { ScanPage } from '../pages/read-guide.ts';
import { historyStart, type PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { hasShownAll, newRead, noteSurplus, type Read, sumOfTotals, surplusOf } from './read.ts';

/**
 * Reads each partition newest first, until a page is completely known, unchanged and older than `until`. The order is tracked: if it
 * breaks, or if the vendor counts more records than are known and no full scan is in progress, the read continues to the partition's end.
 */
export function readNewest(session: StreamSession, plan: PlannedRead): Read {
  const { progress } = session;
  const { until = 0 } = plan;
  const field = progress.state().order ?? 'none';
  const totals: (number | undefined)[] = [];
  // After a cut, the pages read are known, but the records below them are not. The next run reads at least as far back.
  let failedAt: number | undefined;
  let reached = until;
  let current: string | undefined;
  let { since = session.at } = progress.state().resume ?? {};

  const continueAt = (partition: string, page: number) => {
    if (partition !== current) {
      current = partition;
      reached = Math.min(until, failedAt ?? until);
    }
    progress.updateState({ resume: { kind: 'newest', partition, page, from: reached, since } });
  };

  // Many lists have one new page each, so some are requested ahead. A run that was cut continues at the first one that was not read.
  const isConcurrent = plan.partitions.length > session.tuning.partitionsAtOnce;
  const left = [...plan.partitions];

  return newRead(session, plan, {
    isConcurrent,
    requesting({ partition, page }, scan) {
      if (partition === left[0]) continueAt(partition.id, scan.resumeAfter(page - 1));
    },
    advance(page, changes) {
      // Records below this page may have arrived after an earlier run was cut.
      since = session.at;
      reached = Math.min(reached, page.scan.order.oldestOnPage(field) ?? reached);
      continueAt(page.partition.id, page.scan.resumeAfter(page.number));
      if (isKnownBelow(session, page, changes, { field, until })) page.scan.stop();
    },
    partitionDone({ partition, scan, failure }) {
      if (failure) failedAt = reached;
      left.shift();
      if (isConcurrent && left[0]) continueAt(left[0].id, 1);
      if (!scan) return;
      totals.push(scan.total());
      if (hasShownAll(scan)) noteSurplus(session, partition, scan);
      if (!scan.order.isNewestFirst(field)) progress.updateState({ order: 'none' });
    },
    conclude(failed) {
      progress.setVendorTotal(sumOfTotals(totals));
      if (!failed) progress.updateState({ resume: undefined });
    },
  });
}

/** How many records the vendor may count that need not be known. Until a full scan has counted those before history, any number. */
function expectedSurplus(session: StreamSession, partition: Partition): number {
  if (historyStart(session) === undefined) return surplusOf(session, partition);
  return session.progress.state().leftOut?.[partition.id] ?? Number.POSITIVE_INFINITY;
}

/** True if nothing new is expected below this page. */
function isKnownBelow(
  session: StreamSession,
  { keys, partition, scan }: ScanPage,
  { changed }: Changes,
  { field, until }: { readonly field: string; readonly until: number },
): boolean {
  const oldest = scan.order.oldestOnPage(field);
  const isDeep = changed === 0 && keys.some((key) => key !== undefined) && oldest !== undefined && oldest < until;
  if (!isDeep || !scan.order.isNewestFirst(field)) return false;
  const total = session.progress.state().scan ? undefined : scan.total();
  return total === undefined || total <= session.liveIn(partition) + expectedSurplus(session, partition);
}
