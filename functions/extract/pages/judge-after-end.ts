import { ContractError } from '../../errors.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage, NextStep } from './fetched-page.ts';
import type { PartitionScan } from './scan.ts';

/** The failure of a page after a doubted end. It cannot be read, or reports a failure with status 200, so records may follow. */
export function inDoubt(failure: ContractError): ContractError {
  const seen =
    'the vendor says that the list ends before this page, and its last page was full, or its total is higher';
  const remedy =
    'What was shown is kept, and the next run looks again; if that persists, ask the vendor how the list ends';
  return new ContractError(`${failure.reason}. ${seen}; expected a page, empty or not. ${remedy}`, failure.context);
}

/** The page after a doubted end. */
interface PageAfterEnd {
  readonly page: FetchedPage;
  /** What is wrong with the way the vendor pages. */
  readonly fault: string | undefined;
}

/**
 * Judges the page after an end that is in doubt. If it is empty twice, or is the last page again, the end is confirmed; if it has new
 * records, there was none. If it has records of other pages, it says nothing.
 */
export function judgeAfterEnd(
  session: StreamSession,
  scan: PartitionScan,
  { page, fault }: PageAfterEnd,
): Exclude<NextStep, 'has one page' | 'begin again'> {
  // Below its total, the list is read again as a whole.
  const isBelowTotal = scan.keys.size + scan.uncounted() < (scan.total() ?? 0);
  if (page.keys.length === 0 && !isBelowTotal && scan.askAgain()) return 'ask again';
  if (page.keys.every(scan.isOnLastPage)) return 'ends';
  const isNew = page.keys.some((key) => key === undefined || !scan.keys.has(key));
  if (!isNew || fault !== undefined) {
    if (scan.askAgain()) return 'ask again';
    const then =
      session.stream.kind === 'collection'
        ? 'the next full scan looks again, and no removal is found until then'
        : 'when the list is due again, it is read from the same day';
    session.warnOnce(
      'the vendor says that a list has ended with a full page, or below its total, and shows another page of it in place of the next; ' +
        then,
    );
    return 'ends in doubt';
  }
  session.warnOnce('the vendor says that a list has ended, and its next page has records; they were read');
  return page;
}

export const REFUSED_SECOND =
  'the vendor refuses the second page of a list without saying that the first is the last; the list is read again later';

/** Warns of a page that was empty twice although more follow. In a list without a total, nothing else shows that records are missing. */
export function warnOfEmptyPage({ warnOnce }: StreamSession, scan: PartitionScan, { paging }: FetchedPage): void {
  // Vendors that filter what a page has found show such pages, each with a token.
  if (paging !== 'token' && scan.total() === undefined) warnOnce(EMPTY_BETWEEN);
}

const EMPTY_BETWEEN =
  'the vendor has shown an empty page twice, and says that more follow; the next page is requested, and records of the empty page may be ' +
  'missing. Ask the vendor';
