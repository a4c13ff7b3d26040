import { isJsonObject } from '../../../schemas/json-text.ts';
import { ContractError } from '../../errors.ts';
import type { Scan } from '../../lake/commit.ts';
import type { StreamId } from '../../lake/objects.ts';
import type { Page, PageRequest, Partition, Stream, Window } from '../../source/source.ts';
import { sortInstant } from '../rows/coerce.ts';
import type { FetchedPage } from './fetched-page.ts';

const MOST_PAGES = 100_000;
/** A list that shows nothing new on this many pages in a row, and says that more follow, never ends. */
const MOST_IDLE_PAGES = 3;

/** One reading of one partition, page by page. */
export interface PartitionScan {
  readonly request: () => PageRequest;
  /** Keys seen so far. */
  readonly keys: ReadonlySet<string>;
  /** Records that the vendor counts and `keys` does not: those without a key, and repeats within one page. */
  readonly uncounted: () => number;
  /** The vendor's last total, if it gives one. */
  readonly total: () => number | undefined;
  readonly order: SortOrder;
  /** The vendor's total changed during the scan, or fell: then records moved up, and one may have been skipped at a page's edge. */
  readonly totalChanged: () => boolean;
  readonly totalFell: () => boolean;
  /** A page showed a key that an earlier page had shown, and not because a new record moved the last ones of a page down. */
  readonly isDisordered: () => boolean;
  /** The scan reached the vendor's own end. */
  readonly isComplete: () => boolean;
  /** The vendor served a page twice in a row and gives no end signal, so the list was taken to have one page only. */
  readonly endedByRepeat: () => boolean;
  readonly isOver: () => boolean;
  /** The vendor's end contradicts its total or a full page, so the next page is requested to see whether there is one. */
  readonly isDoubtingEnd: () => boolean;
  /** True before the first page is taken, if that is this page. */
  readonly isAtStart: (page: number) => boolean;
  /** True if the last page suggests that records follow: it was full, and they are fewer than the total, if there is one. */
  readonly expectsRecords: () => boolean;
  /** True if the page has the same keys in the same order as the one before. */
  repeats(page: FetchedPage): boolean;
  /** @returns true if the present page has not been requested again yet */
  askAgain(): boolean;
  /** Takes a page before its records are compared. */
  take(page: FetchedPage): void;
  /** Ends the scan, because nothing new is expected below. */
  stop(): void;
  endByRepeat(): void;
  /** Ends the scan at the vendor's own end, which turned out to be right. */
  endAsTold(): void;
  /** Moves on after a page, or ends. @throws ContractError if the list never ends */
  advance(page: Page): void;
  readonly summary: (kind: string) => Scan;
  /** How much of the list is left to read, for messages. */
  readonly left: () => string;
}

/** What a scan reads. */
export interface ScanOptions {
  readonly partition: Partition;
  readonly window: Window | undefined;
  /** The page to begin with. */
  readonly startPage: number;
}

/** Begins to read a partition. */
export function startScan(
  { stream, id }: { readonly stream: Stream; readonly id: StreamId },
  { partition, window, startPage }: ScanOptions,
): PartitionScan {
  const tally = newTally(stream.kind === 'collection' ? stream.order : []);
  let number = startPage;
  let isDoubtingEnd = false;
  let askedAgain: number | undefined;
  let end: 'vendor' | 'repeat' | 'stopped' | undefined;
  const isComplete = () => end === 'vendor' || end === 'repeat';
  return {
    request: () => ({ partition, page: number, size: stream.pageSize, ...(window ? { window } : {}) }),
    keys: tally.keys,
    uncounted: () => tally.uncounted,
    total: () => tally.total,
    order: tally.order,
    totalChanged: () => tally.totalChanged,
    totalFell: () => tally.totalFell,
    isDisordered: () => tally.isDisordered,
    isComplete,
    endedByRepeat: () => end === 'repeat',
    isOver: () => end !== undefined,
    isDoubtingEnd: () => isDoubtingEnd,
    expectsRecords: () => expectsRecords(tally, stream.pageSize, startPage > stream.firstPage),
    isAtStart: (page) => tally.pages === 0 && number === page,
    repeats: ({ keys }) => keys.some((key) => key !== undefined) && isSame(keys, tally.lastKeys),
    askAgain() {
      if (askedAgain === number) return false;
      askedAgain = number;
      return true;
    },
    take: (page) => takePage(tally, page),
    stop() {
      end ??= 'stopped';
    },
    endByRepeat() {
      end = 'repeat';
    },
    endAsTold() {
      end = 'vendor';
    },
    advance(page) {
      isDoubtingEnd = isLastPage(page, stream.pageSize) && page.records.length > 0 && this.expectsRecords();
      if (isLastPage(page, stream.pageSize) && !isDoubtingEnd) end = 'vendor';
      if (end !== undefined) return;
      if (tally.idle >= MOST_IDLE_PAGES || tally.pages >= MOST_PAGES) {
        const seen = `${tally.idle} pages in a row showed nothing new, and the answer says that more follow`;
        throw new ContractError(`${stream.path}: ${seen}; expected the list to end. What was read is kept`, id);
      }
      number += 1;
    },
    summary: (kind) => ({
      list: partition.id,
      kind,
      pages: tally.pages,
      records: tally.records,
      total: tally.total ?? null,
      complete: isComplete(),
      drift: tally.totalChanged,
    }),
    left: () => describeLeft(stream, number, tally.total),
  };
}

/** A greater total may be a telephone number, which no message may show. */
const MOST_SHOWN = 1e9;

function describeLeft({ firstPage, pageSize }: Stream, next: number, total: number | undefined): string {
  if (total === undefined || total >= MOST_SHOWN) return `the pages of a list from ${next} on are left`;
  const read = Math.min(total, (next - firstPage) * pageSize);
  return `about ${total - read} of ${total} records of a list are left`;
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
  /** Records of the largest page: a vendor may give fewer than were requested. */
  fullSize: number;
  isDisordered: boolean;
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
    fullSize: 0,
    isDisordered: false,
    total: undefined,
    totalChanged: false,
    totalFell: false,
  };
}

function takePage(tally: Tally, { keys, records, total }: FetchedPage): void {
  const shown = keys.filter((key) => key !== undefined);
  const known = tally.keys.size;
  tally.order.see(records);
  if (shown.some((key) => tally.keys.has(key)) && !isMovedDown(tally, keys)) tally.isDisordered = true;
  for (const key of shown) tally.keys.add(key);
  tally.pages += 1;
  tally.records += records.length;
  tally.uncounted += records.length - new Set(shown).size;
  tally.idle = tally.keys.size > known ? 0 : tally.idle + 1;
  tally.lastKeys = keys;
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
  if (total !== undefined && !isResumed) return keys.size + uncounted < total;
  return tally.lastKeys.length >= pageSize || (tally.pages > 1 && tally.lastKeys.length >= tally.fullSize);
}

/** The vendor's own end signal; without one, an empty page. */
function isLastPage({ more, records }: Page, pageSize: number): boolean {
  return pageSize === 0 || (more === undefined ? records.length === 0 : !more);
}

/** Tracks whether records come newest first, by any of the fields that a list may be sorted by. */
export interface SortOrder {
  /** Takes the next page's records, in the order served. */
  see(records: readonly unknown[]): void;
  /** Fields by which no record was newer than one before it, and at least two differed. */
  readonly verified: () => readonly string[];
  /** False once a record was newer than one before it. */
  readonly isNewestFirst: (field: string) => boolean;
  /** Least value of the field on the last page, ms; undefined if no record had one. */
  readonly oldestOnPage: (field: string) => number | undefined;
}

interface FieldOrder {
  isBroken: boolean;
  differs: boolean;
  before: number | undefined;
  oldest: number | undefined;
}

/** Tracks one reading of a partition. Records without the field say nothing. */
export function trackSortOrder(fields: readonly string[]): SortOrder {
  const orders = new Map<string, FieldOrder>();
  for (const field of fields)
    orders.set(field, { isBroken: false, differs: false, before: undefined, oldest: undefined });
  return {
    see(records) {
      for (const [field, order] of orders) {
        order.oldest = undefined;
        for (const record of records) take(order, isJsonObject(record) ? sortInstant(record[field]) : undefined);
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
