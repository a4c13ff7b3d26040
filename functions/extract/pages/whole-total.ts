import { CallhouseError } from '../../errors.ts';
import { DAY_MS, dayOf } from '../../time.ts';
import type { StreamSession } from '../session/session.ts';
import { orFailure, probeFirstPage } from './probe-page.ts';
import type { PartitionScan } from './scan.ts';

/**
 * True if a list that was requested with a filter on time is below its total because the vendor counts the list without the filter: the
 * total is the same without one, every record that it counts is known, and some of them began outside the window. Without that, records of
 * the window may be missing.
 */
export async function countsWholeList(session: StreamSession, scan: PartitionScan): Promise<boolean> {
  const { window, partition, size } = scan.request();
  const total = scan.total();
  if (!window || total === undefined || scan.totalChanged()) return false;
  const { surplus, leftOut } = session.progress.state();
  const expectedSurplus = (leftOut?.[partition.id] ?? 0) + (surplus?.[partition.id] ?? 0);
  if (session.liveIn(partition) + expectedSurplus < total) return false;
  const { earliestDay = Number.POSITIVE_INFINITY } = session.digest.counts();
  const isBefore = earliestDay < dayOf(window.from.getTime()) - 1;
  const isAfter = window.to !== undefined && window.to.getTime() < session.at - DAY_MS;
  if (!isBefore && !isAfter) return false;
  const whole = await orFailure(probeFirstPage(session, { partition, size }));
  if (whole instanceof CallhouseError || whole?.total !== total) return false;
  session.warnOnce(
    `${session.stream.path}: the vendor's total of a window of time is that of the whole list, so it does not say whether the window ` +
      'shows all of its records; as many as it counts are known',
  );
  return true;
}
