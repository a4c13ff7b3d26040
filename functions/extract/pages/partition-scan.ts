import type { StreamId } from '../../lake/objects.ts';
import { shownTotal } from '../../results.ts';
import type { Page } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage } from './fetched-page.ts';
import { pageOfSize, type SizedPage, smallerPage } from './page-size.ts';
import {
  doubtTally,
  newTally,
  orderFieldsOf,
  type PagePlace,
  type PageTally,
  repeats,
  stepBack,
  takePage,
  totalTooLow,
} from './page-tally.ts';
import { endlessList } from './paging-limit.ts';
import type { ReadGuide, ReadStart, Slice } from './read-guide.ts';
import { allowedSize, variantOf } from './request-page.ts';
import type { PartitionScan, ScanOptions } from './scan.ts';
import type { Seams } from './seams.ts';

/** Begins the scans of a partition, or of a window of it. */
export interface ScanStarter {
  /** The scan to begin with: from the list's first page, or where an earlier run was cut. */
  readonly first: PartitionScan;
  /** Number of the page that it begins with. */
  readonly startPage: number;
  /** It begins where an earlier run was cut. */
  readonly isResumed: boolean;
  /** Makes another scan, which begins at the first page. @param size records per page */
  begin(size: number): PartitionScan;
}

/** Prepares the scans of a partition or a window. A full scan requests the largest pages, and one that continues the same as before. */
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
  const begin = (most: number) => {
    const size = allowedSize(session, most);
    return startScan(session, { ...options(), startPage: firstPage(), size, seams: seamsOf(size, false) });
  };
  const size = allowedSize(session, start?.size ?? pageSize);
  const page = start && pageOfSize({ page: start.page, size: start.size ?? pageSize }, size, firstPage());
  const startPage = Math.max(firstPage(), page ?? 0);
  const isResumed = startPage > firstPage();
  const resume = ({ token }: ReadStart) =>
    startScan(session, { ...options(), startPage, size, startToken: token, isResumed, seams: seamsOf(size, true) });
  const first = start && isResumed ? resume(start) : begin(read.kind === 'sweep' ? largestPage : pageSize);
  return { first, startPage, isResumed, begin };
}

const MOST_PAGES = 100_000;
/** A list never ends if this many pages in a row show nothing new and say that more follow. */
const MOST_IDLE_PAGES = 3;
/** The same for empty pages, each with a new token. Vendors that filter what a page has found show such pages (DynamoDB does). */
const MOST_EMPTY_PAGES = 100;
/** A scan may go back this often, plus once per `PAGES_PER_STEP` pages, so that it ends even if the total falls again and again. */
const FREE_STEPS = 4;
const PAGES_PER_STEP = 4;

/** Begins a scan of a partition. */
export function startScan(
  { stream, id }: { readonly stream: Stream; readonly id: StreamId },
  { partition, window, startPage, startToken, size = stream.pageSize, ...options }: ScanOptions,
): PartitionScan {
  const { firstPage = startPage, isResumed = false, seams } = options;
  const tally = newTally(orderFieldsOf(stream));
  const position = newPosition({ firstPage, pageSize: stream.pageSize }, { page: startPage, size });
  const always = { partition, ...(window ? { window } : {}) };
  let next = startToken;
  let after: AfterPage = 'page';
  let end: 'vendor' | 'repeat' | 'stopped' | undefined;
  const isComplete = () => end === 'vendor' || end === 'repeat';
  return {
    request: () => ({ ...always, ...position.current(), ...(next === undefined ? {} : { next }) }),
    ...seenBy(tally),
    isComplete,
    endedByRepeat: () => end === 'repeat',
    isOver: () => end !== undefined,
    isDoubtingEnd: () => after === 'doubted end',
    mayHaveEnded: () => after !== 'page',
    expectsRecords: () => expectsRecords(tally, position.current().size, isResumed),
    isAtStart: (page) => tally.pages === 0 && (position.isAt(page) || startPage === page),
    endsFull: () => isFull(tally, tally.lastFilled, position.current().size),
    askAgain: position.askAgain,
    seams,
    take(page) {
      takePage(tally, page, position.place());
      return !seams || joins(page, { tally, seams, hasToken: next !== undefined, size: position.current().size });
    },
    goBack() {
      after = 'page';
      position.goBack();
      stepBack(tally);
    },
    stop() {
      end ??= 'stopped';
    },
    endByRepeat() {
      end = 'repeat';
    },
    endAsTold(isConfirmed) {
      if (isConfirmed) seams?.end();
      else doubtTally(tally);
      end = 'vendor';
    },
    advance(page) {
      after = afterPage(page, isLastPage(page, stream.pageSize), this.expectsRecords());
      if (after === 'end') {
        seams?.end();
        end = 'vendor';
      }
      if (end !== undefined) return;
      const isPassing = page.paging === 'token' && page.records.length === 0 && page.next !== next;
      if (tally.idle >= (isPassing ? MOST_EMPTY_PAGES : MOST_IDLE_PAGES) || tally.pages >= MOST_PAGES)
        throw endlessList(page, { path: stream.path, idle: tally.idle, id });
      position.moveOn(page.records.length);
      next = page.next;
    },
    summary: (kind) => ({ ...summaryOf(tally), list: partition.id, kind, complete: isComplete() }),
    useSmallerPages: position.useSmallerPages,
    resumeAfter: (page) => position.resumeAfter(page, tally.lastKeys.length),
  };
}

/** What the pages of a scan have shown. */
function seenBy(tally: PageTally) {
  return {
    keys: tally.keys,
    uncounted: () => tally.uncounted,
    hasUnknown: () => tally.hasUnknown || (tally.uncounted > 0 && tally.keys.size < (tally.total ?? 0)),
    total: () => tally.total,
    order: tally.order,
    totalChanged: () => tally.totalChanged,
    totalFell: () => tally.totalFell && totalTooLow(tally) === undefined,
    totalTooLow: () => totalTooLow(tally),
    isDisordered: () => tally.isDisordered,
    isDoubtful: () => tally.isDoubtful,
    wentBack: () => tally.steps > 0,
    isOnLastPage: (key: string | undefined) => tally.lastKeys.includes(key),
    repeats: (page: FetchedPage) => repeats(tally, page),
    mayHaveMoved: (page: FetchedPage) =>
      tally.pages > 1 && tally.idle === 0 && page.token === undefined && page.more !== false && repeats(tally, page),
  };
}

type Joining = { readonly tally: PageTally; readonly seams: Seams; readonly hasToken: boolean; readonly size: number };

/** False if the scan should go back. If it cannot, has done so too often, or the total says nothing, it continues and notes a gap. */
function joins(page: FetchedPage, { tally, seams, hasToken, size }: Joining): boolean {
  if (seams.take(page, tally.order, size)) return true;
  const isSpent = totalTooLow(tally) !== undefined || tally.steps >= FREE_STEPS + tally.pages / PAGES_PER_STEP;
  const mayGoBack = seams.mayGoBack && !hasToken && !isSpent;
  if (!mayGoBack) seams.leaveGap();
  return !mayGoBack;
}

/** True if the last page suggests that records follow. A resumed scan has not seen the first records, so it cannot use the total. */
function expectsRecords(
  { keys, uncounted, total, ...tally }: PageTally,
  pageSize: number,
  isResumed: boolean,
): boolean {
  if (pageSize === 0) return false;
  const seen = keys.size + uncounted;
  // A total below the number of records seen is wrong.
  if (total !== undefined && seen <= total && !isResumed) return seen < total;
  return isFull(tally, tally.lastKeys.length, pageSize);
}

/** True for as many records as were requested, or as the largest of several pages had. */
function isFull(
  { pages, fullSize }: Pick<PageTally, 'pages' | 'fullSize'>,
  records: number,
  pageSize: number,
): boolean {
  return records >= pageSize || (pages > 1 && records >= fullSize);
}

/** The tally as a commit holds it. */
function summaryOf({ pages, records, total, totalChanged }: PageTally) {
  return { pages, records, total: shownTotal(total), drift: totalChanged };
}

/** True if the vendor says that the list ends, or if it never says so and the page is empty. */
function isLastPage({ more, records }: Page, pageSize: number): boolean {
  return pageSize === 0 || (more === undefined ? records.length === 0 : !more);
}

/** What follows a page. After `end or page`, there may be another page, but nothing suggests it. */
type AfterPage = 'page' | 'end' | 'doubted end' | 'end or page';

function afterPage({ paging, next, more, records }: Page, isLast: boolean, isExpecting: boolean): AfterPage {
  // In a list with tokens, the next page can only be requested with one.
  const hasNext = paging === undefined || (paging === 'token' && next !== undefined);
  if (isLast) return hasNext && isExpecting && records.length > 0 ? 'doubted end' : 'end';
  return paging === undefined && more === undefined && !isExpecting ? 'end or page' : 'page';
}

/** Keeps which page is requested next. Pages become smaller if one is too large. */
function newPosition({ firstPage, pageSize }: { firstPage: number; pageSize: number }, { page, size }: SizedPage) {
  // False if the vendor gives fewer records than are requested: then it counts its pages by a size of its own.
  let isSizeKept = true;
  let askedAgain: number | undefined;
  // Pages of the next step back.
  let back = 1;
  return {
    place: (): PagePlace => ({ begin: (page - firstPage) * size, end: (page + 1 - firstPage) * size }),
    goBack(): void {
      page = Math.max(firstPage, page - back);
      back *= 2;
    },
    current: (): SizedPage => ({ page, size }),
    isAt: (number: number) => page === number,
    askAgain(): boolean {
      if (askedAgain === page) return false;
      askedAgain = page;
      return true;
    },
    moveOn(records: number): void {
      isSizeKept &&= records === size;
      page += 1;
      back = 1;
    },
    useSmallerPages(): boolean {
      const smaller = isSizeKept ? smallerPage({ page, size }, firstPage) : undefined;
      if (smaller) ({ page, size } = smaller);
      return smaller !== undefined;
    },
    /** @param records of the last page; 0 before the first */
    resumeAfter(number: number, records: number): number {
      const isHeeded = isSizeKept && (records === 0 || records === size);
      if (size >= pageSize) return isHeeded ? firstPage + ((number + 1 - firstPage) * size) / pageSize : number + 1;
      return pageOfSize({ page: number + 1, size }, pageSize, firstPage);
    },
  };
}
