import type { StreamId } from '../../lake/objects.ts';
import { shownTotal } from '../../results.ts';
import type { Page } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { FetchedPage } from './fetched-page.ts';
import { newPosition, type Place } from './page-position.ts';
import { endlessList } from './paging-limit.ts';
import type { PartitionScan, ScanOptions } from './scan.ts';
import { hasUnknown, type Seams } from './seams.ts';
import { type SortOrder, trackSortOrder } from './sort-order.ts';

const MOST_PAGES = 100_000;
/** A list that shows nothing new on this many pages in a row, and says that more follow, never ends. */
const MOST_IDLE_PAGES = 3;
/** A scan may go back this often, and once more for so many pages: a total that falls all the time is no help. */
const FREE_STEPS = 4;
const PAGES_PER_STEP = 4;

/** Begins to read a partition. */
export function startScan(
  { stream, id }: { readonly stream: Stream; readonly id: StreamId },
  { partition, window, startPage, startToken, size = stream.pageSize, ...options }: ScanOptions,
): PartitionScan {
  const { firstPage = startPage, isResumed = false, seams } = options;
  const tally = newTally(stream.kind === 'collection' ? stream.order : []);
  const position = newPosition({ firstPage, pageSize: stream.pageSize }, { page: startPage, size });
  const always = { partition, ...(window ? { window } : {}) };
  let next = startToken;
  let isDoubtingEnd = false;
  let end: 'vendor' | 'repeat' | 'stopped' | undefined;
  const isComplete = () => end === 'vendor' || end === 'repeat';
  return {
    request: () => ({ ...always, ...position.current(), ...(next === undefined ? {} : { next }) }),
    ...seenBy(tally),
    isComplete,
    endedByRepeat: () => end === 'repeat',
    isOver: () => end !== undefined,
    isDoubtingEnd: () => isDoubtingEnd,
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
      position.goBack();
      tally.steps += 1;
      tally.order.jump();
    },
    stop() {
      end ??= 'stopped';
    },
    endByRepeat() {
      end = 'repeat';
    },
    endAsTold(isConfirmed) {
      tally.isDoubtful ||= !isConfirmed;
      if (isConfirmed) seams?.end();
      end = 'vendor';
    },
    advance(page) {
      const isLast = isLastPage(page, stream.pageSize);
      // Without a token, nothing can be requested after the vendor's end.
      isDoubtingEnd = isLast && page.paging === undefined && page.records.length > 0 && this.expectsRecords();
      if (isLast && !isDoubtingEnd) {
        seams?.end();
        end = 'vendor';
      }
      if (end !== undefined) return;
      if (tally.idle >= MOST_IDLE_PAGES || tally.pages >= MOST_PAGES)
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
function seenBy(tally: Tally) {
  return {
    keys: tally.keys,
    uncounted: () => tally.uncounted,
    hasUnknown: () => tally.hasUnknown || (tally.uncounted > 0 && tally.keys.size < (tally.total ?? 0)),
    total: () => tally.total,
    order: tally.order,
    totalChanged: () => tally.totalChanged,
    totalFell: () => tally.totalFell,
    isDisordered: () => tally.isDisordered,
    isDoubtful: () => tally.isDoubtful,
    wentBack: () => tally.steps > 0,
    isOnLastPage: (key: string | undefined) => tally.lastKeys.includes(key),
    repeats: (page: FetchedPage) => repeats(tally, page),
    mayHaveMoved: (page: FetchedPage) =>
      tally.pages > 1 && tally.idle === 0 && page.token === undefined && page.more !== false && repeats(tally, page),
  };
}

interface Joining {
  readonly tally: Tally;
  readonly seams: Seams;
  readonly hasToken: boolean;
  readonly size: number;
}

/** False if the scan should go back. Where it cannot, or has too often, a gap is left. */
function joins(page: FetchedPage, { tally, seams, hasToken, size }: Joining): boolean {
  if (seams.take(page, tally.order, size)) return true;
  const mayGoBack = seams.mayGoBack && !hasToken && tally.steps < FREE_STEPS + tally.pages / PAGES_PER_STEP;
  if (!mayGoBack) seams.leaveGap();
  return !mayGoBack;
}

function summaryOf({ pages, records, total, totalChanged }: Tally) {
  return { pages, records, total: shownTotal(total), drift: totalChanged };
}

function repeats({ lastKeys }: Tally, { keys, paging }: FetchedPage): boolean {
  return paging !== 'overlapping' && keys.some((key) => key !== undefined) && isSame(keys, lastKeys);
}

/** What the pages of a scan add up to. */
interface Tally {
  readonly keys: Set<string>;
  readonly order: SortOrder;
  pages: number;
  /** Steps back to pages that were read before. */
  steps: number;
  /** Records up to the end of the farthest page. */
  reached: number;
  records: number;
  uncounted: number;
  /** Pages in a row that showed nothing new. */
  idle: number;
  lastKeys: FetchedPage['keys'];
  /** Records of the last page that had any. */
  lastFilled: number;
  /** Records of the largest page: a vendor may give fewer than were requested. */
  fullSize: number;
  hasUnknown: boolean;
  isDisordered: boolean;
  isDoubtful: boolean;
  total: number | undefined;
  totalChanged: boolean;
  totalFell: boolean;
}

function newTally(order: readonly string[]): Tally {
  return {
    keys: new Set(),
    order: trackSortOrder(order),
    pages: 0,
    steps: 0,
    reached: 0,
    records: 0,
    uncounted: 0,
    hasUnknown: false,
    idle: 0,
    lastKeys: [],
    lastFilled: 0,
    fullSize: 0,
    isDisordered: false,
    isDoubtful: false,
    total: undefined,
    totalChanged: false,
    totalFell: false,
  };
}

function takePage(tally: Tally, page: FetchedPage, { begin, end }: Place): void {
  const { keys, records, total, paging, isDoubtful = false } = page;
  const shown = keys.filter((key) => key !== undefined);
  const known = tally.keys.size;
  // A record that drift moved to a later page says nothing about the order.
  tally.order.see(records, (n) => tally.keys.has(keys[n] ?? ''));
  const isVisited = tally.steps > 0 && begin < tally.reached;
  tally.reached = Math.max(tally.reached, end);
  const isAgain = paging !== 'overlapping' && shown.some((key) => tally.keys.has(key));
  if (isAgain && !isVisited && !isMovedDown(tally, keys)) tally.isDisordered = true;
  tally.isDoubtful ||= isDoubtful;
  tally.hasUnknown ||= hasUnknown(page);
  for (const key of shown) tally.keys.add(key);
  tally.pages += 1;
  tally.records += records.length;
  if (!isVisited) tally.uncounted += records.length - new Set(shown).size;
  if (!isVisited) tally.idle = tally.keys.size > known ? 0 : tally.idle + 1;
  tally.lastKeys = keys;
  tally.lastFilled = records.length || tally.lastFilled;
  tally.fullSize = Math.max(tally.fullSize, records.length);
  if (total === undefined) return;
  if (tally.total !== undefined && total !== tally.total) tally.totalChanged = true;
  if (tally.total !== undefined && total < tally.total) tally.totalFell = true;
  tally.total = total;
}

/**
 * True if the page begins with the last keys of the page before and shows no other key again, in an order newest first that holds
 * so far: then as many records were added above while paging, and none was skipped.
 */
function isMovedDown({ keys: seen, lastKeys, order }: Tally, keys: FetchedPage['keys']): boolean {
  if (!order.verified().some(order.isNewestFirst)) return false;
  const again = keys.filter((key) => key !== undefined && seen.has(key)).length;
  return isSame(keys.slice(0, again), lastKeys.slice(-again));
}

function isSame(keys: FetchedPage['keys'], others: FetchedPage['keys']): boolean {
  return keys.length === others.length && keys.every((key, n) => key === others[n]);
}

/** A resumed scan has not seen the records above, so a total says nothing. */
function expectsRecords({ keys, uncounted, total, ...tally }: Tally, pageSize: number, isResumed: boolean): boolean {
  if (pageSize === 0) return false;
  const seen = keys.size + uncounted;
  // More records than the total refute it.
  if (total !== undefined && seen <= total && !isResumed) return seen < total;
  return isFull(tally, tally.lastKeys.length, pageSize);
}

/** True for as many records as were requested, or as the largest of several pages has. */
function isFull({ pages, fullSize }: Pick<Tally, 'pages' | 'fullSize'>, records: number, pageSize: number): boolean {
  return records >= pageSize || (pages > 1 && records >= fullSize);
}

/** The vendor's own end signal; without one, an empty page. */
function isLastPage({ more, records }: Page, pageSize: number): boolean {
  return pageSize === 0 || (more === undefined ? records.length === 0 : !more);
}
