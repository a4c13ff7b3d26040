import { valueAtPath } from '../../../schemas/json-text.ts';
import type { StreamId } from '../../lake/objects.ts';
import { shownTotal } from '../../results.ts';
import type { Page } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { sortInstant } from '../rows/coerce.ts';
import type { FetchedPage } from './fetched-page.ts';
import { pageOfSize, type SizedPage, smallerPage } from './page-size.ts';
import { endlessList } from './paging-limit.ts';
import type { PartitionScan, ScanOptions, SortOrder } from './scan.ts';

const MOST_PAGES = 100_000;
/** A list that shows nothing new on this many pages in a row, and says that more follow, never ends. */
const MOST_IDLE_PAGES = 3;

/** Begins to read a partition. */
export function startScan(
  { stream, id }: { readonly stream: Stream; readonly id: StreamId },
  { partition, window, startPage, startToken, size = stream.pageSize, isResumed = false, ...options }: ScanOptions,
): PartitionScan {
  const { firstPage = startPage } = options;
  const tally = newTally(stream.kind === 'collection' ? stream.order : []);
  const position = newPosition({ firstPage, pageSize: stream.pageSize }, { page: startPage, size });
  const always = { partition, ...(window ? { window } : {}) };
  let next = startToken;
  let isDoubtingEnd = false;
  let end: 'vendor' | 'repeat' | 'stopped' | undefined;
  const isComplete = () => end === 'vendor' || end === 'repeat';
  return {
    request: () => ({ ...always, ...position.current(), ...(next === undefined ? {} : { next }) }),
    keys: tally.keys,
    uncounted: () => tally.uncounted,
    total: () => tally.total,
    order: tally.order,
    totalChanged: () => tally.totalChanged,
    totalFell: () => tally.totalFell,
    isDisordered: () => tally.isDisordered,
    isDoubtful: () => tally.isDoubtful,
    isComplete,
    endedByRepeat: () => end === 'repeat',
    isOver: () => end !== undefined,
    isDoubtingEnd: () => isDoubtingEnd,
    expectsRecords: () => expectsRecords(tally, position.current().size, isResumed),
    isAtStart: (page) => tally.pages === 0 && (position.isAt(page) || startPage === page),
    endsFull: () => isFull(tally, tally.lastFilled, position.current().size),
    isOnLastPage: (key) => tally.lastKeys.includes(key),
    repeats: (page) => repeats(tally, page),
    askAgain: position.askAgain,
    take: (page) => takePage(tally, page),
    stop() {
      end ??= 'stopped';
    },
    endByRepeat() {
      end = 'repeat';
    },
    endAsTold(isConfirmed) {
      if (!isConfirmed) tally.isDoubtful = true;
      end = 'vendor';
    },
    advance(page) {
      const isLast = isLastPage(page, stream.pageSize);
      // Without a token, nothing can be requested after the vendor's end.
      isDoubtingEnd = isLast && page.paging === undefined && page.records.length > 0 && this.expectsRecords();
      if (isLast && !isDoubtingEnd) end = 'vendor';
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

/** The page to request next. Pages become smaller if one is too large. */
function newPosition({ firstPage, pageSize }: { firstPage: number; pageSize: number }, { page, size }: SizedPage) {
  // A vendor that gives fewer records than are requested counts its pages by its own size.
  let isSizeKept = true;
  let askedAgain: number | undefined;
  return {
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
  records: number;
  uncounted: number;
  /** Pages in a row that showed nothing new. */
  idle: number;
  lastKeys: FetchedPage['keys'];
  /** Records of the last page that had any. */
  lastFilled: number;
  /** Records of the largest page: a vendor may give fewer than were requested. */
  fullSize: number;
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
    records: 0,
    uncounted: 0,
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

function takePage(tally: Tally, { keys, records, total, paging, isDoubtful = false }: FetchedPage): void {
  const shown = keys.filter((key) => key !== undefined);
  const known = tally.keys.size;
  tally.order.see(records);
  const isAgain = paging !== 'overlapping' && shown.some((key) => tally.keys.has(key));
  if (isAgain && !isMovedDown(tally, keys)) tally.isDisordered = true;
  tally.isDoubtful ||= isDoubtful;
  for (const key of shown) tally.keys.add(key);
  tally.pages += 1;
  tally.records += records.length;
  tally.uncounted += records.length - new Set(shown).size;
  tally.idle = tally.keys.size > known ? 0 : tally.idle + 1;
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

interface FieldOrder {
  readonly path: readonly string[];
  isBroken: boolean;
  differs: boolean;
  before: number | undefined;
  oldest: number | undefined;
}

/** Tracks one reading of a partition. Records without the field say nothing. */
export function trackSortOrder(fields: readonly string[]): SortOrder {
  const orders = new Map<string, FieldOrder>();
  for (const field of fields)
    orders.set(field, {
      path: field.split('.'),
      isBroken: false,
      differs: false,
      before: undefined,
      oldest: undefined,
    });
  return {
    see(records) {
      for (const order of orders.values()) {
        order.oldest = undefined;
        for (const record of records) take(order, sortInstant(valueAtPath(record, order.path)));
      }
    },
    verified: () => [...orders].filter(([, { isBroken, differs }]) => !isBroken && differs).map(([field]) => field),
    isNewestFirst: (field) => orders.get(field)?.isBroken === false,
    oldestOnPage: (field) => orders.get(field)?.oldest,
  };
}

function take(order: FieldOrder, value: number | undefined): void {
  if (value === undefined) return;
  if (order.before !== undefined && value > order.before) order.isBroken = true;
  if (order.before !== undefined && value < order.before) order.differs = true;
  order.before = value;
  order.oldest = Math.min(order.oldest ?? value, value);
}
