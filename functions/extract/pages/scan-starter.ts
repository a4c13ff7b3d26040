import type { StreamSession } from '../session/session.ts';
import { startScan } from './partition-scan.ts';
import type { ReadGuide, ReadStart, Slice } from './read-guide.ts';
import { variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';

/** How a partition, or a window of it, is begun. */
export interface ScanStarter {
  /** The scan to begin with: from the list's first page, or where an earlier run was cut. */
  readonly first: PartitionScan;
  readonly startPage: number;
  readonly isResumed: boolean;
  /** Begins again at the first page. @param size records per page */
  begin(size: number): PartitionScan;
}

/** Begins to read a partition or a window. A full scan requests the largest pages, and continues in pages of the same size. */
export function scanStarter(
  session: StreamSession,
  read: ReadGuide,
  { partition, window, windows, start }: Slice,
): ScanStarter {
  const { pageSize, largestPage = pageSize } = session.stream;
  const firstPage = () => variantOf(session).firstPage;
  const options = () => ({ partition, window, firstPage: firstPage() });
  // Windows are read within one run each, so their pages are judged as those of other reads.
  const seamsOf = (size: number, isResumed: boolean) =>
    windows ? undefined : read.seamsOf?.(partition, { firstPage: firstPage(), size, isResumed });
  const begin = (size: number) =>
    startScan(session, { ...options(), startPage: firstPage(), size, seams: seamsOf(size, false) });
  const startPage = Math.max(firstPage(), start?.page ?? 0);
  const isResumed = startPage > firstPage();
  const resume = ({ size = pageSize, token }: ReadStart) =>
    startScan(session, { ...options(), startPage, size, startToken: token, isResumed, seams: seamsOf(size, true) });
  const first = start && isResumed ? resume(start) : begin(read.kind === 'sweep' ? largestPage : pageSize);
  return { first, startPage, isResumed, begin };
}
