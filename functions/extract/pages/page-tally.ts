import { valueAtPath } from '../../../schemas/json-text.ts';
import type { Stream } from '../../source/source.ts';
import { sortInstant } from '../rows/coerce.ts';
import type { FetchedPage } from './fetched-page.ts';

/** Where a page is in its list. */
export interface PagePlace {
  /** Records of the list before this page. */
  readonly begin: number;
  /** Records of the list before the next page. */
  readonly end: number;
}

interface Counts {
  readonly keys: Set<string>;
  readonly order: SortOrder;
  pages: number;
  /** How often the scan went back to a page before. */
  steps: number;
  /** Records of the list up to the end of the farthest page. */
  reached: number;
  records: number;
  /** See `PartitionScan.uncounted`, which explains all fields that are not explained here. */
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
  /** Infinite if the vendor gives no total. */
  greatestTotal: number;
  totalChanged: boolean;
  totalFell: boolean;
}

/** What the pages of a scan add up to. Only the functions of this file change it. */
export type PageTally = Readonly<Counts>;

/** @param order fields that the list may be sorted by */
export function newTally(order: readonly string[]): PageTally {
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
    greatestTotal: Number.POSITIVE_INFINITY,
    totalChanged: false,
    totalFell: false,
  };
}

/** Adds a page. */
export function takePage(tally: Counts, page: FetchedPage, { begin, end }: PagePlace): void {
  const { keys, records, total, paging, isDoubtful = false } = page;
  const shown = keys.filter((key) => key !== undefined);
  const known = tally.keys.size;
  // A record that moved to a later page while the list was read says nothing about the order.
  const isKnown = (key: string | undefined) => key !== undefined && tally.keys.has(key);
  tally.order.see(records, (n) => isKnown(keys[n]));
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
  tally.greatestTotal = tally.total === undefined ? total : Math.max(tally.greatestTotal, total);
  tally.total = total;
}

/** The vendor's greatest total, if the scan has shown more records. */
export function totalTooLow({ keys, greatestTotal }: PageTally): number | undefined {
  return keys.size > greatestTotal ? greatestTotal : undefined;
}

/** Notes that the scan goes back to an earlier page. */
export function stepBack(tally: Counts): void {
  tally.steps += 1;
  tally.order.jump();
}

/** Notes that nothing confirmed the end of the list. */
export function doubtTally(tally: Counts): void {
  tally.isDoubtful = true;
}

/**
 * True if the page begins with the last keys of the page before, shows no other key again, and the list has been newest first so far.
 * Then as many records were added at its top while it was read, and none was skipped.
 */
function isMovedDown({ keys: seen, lastKeys, order }: PageTally, keys: FetchedPage['keys']): boolean {
  if (!order.verified().some(order.isNewestFirst)) return false;
  const again = keys.filter((key) => key !== undefined && seen.has(key)).length;
  return isSame(keys.slice(0, again), lastKeys.slice(-again));
}

function isSame(keys: FetchedPage['keys'], others: FetchedPage['keys']): boolean {
  return keys.length === others.length && keys.every((key, n) => key === others[n]);
}

/** True if the page has the same keys in the same order as the one before. */
export function repeats({ lastKeys }: PageTally, { keys, paging }: FetchedPage): boolean {
  return paging !== 'overlapping' && keys.some((key) => key !== undefined) && isSame(keys, lastKeys);
}

/** True if a record of the page has no key. It may be any record that the page seems to lack, so the page proves no removal. */
export function hasUnknown({ keys }: Pick<FetchedPage, 'keys'>): boolean {
  return keys.includes(undefined);
}

/** Tracks whether records come newest first, by any of the fields that a list may be sorted by. */
export interface SortOrder {
  /** Takes the next page's records, in the order served. @param isAgain true for a record that an earlier page showed */
  see(records: readonly unknown[], isAgain?: (n: number) => boolean): void;
  /** Notes that the next page does not follow the last one. */
  jump(): void;
  /** Fields by which no record was newer than one before it, and at least two differed. */
  readonly verified: () => readonly string[];
  /** False once a record was newer than one before it. */
  readonly isNewestFirst: (field: string) => boolean;
  /** Records of the last page that are older than the one before. */
  readonly fallsOnPage: (field: string) => number;
  /** Least and greatest value of the field on the last page, ms; undefined if no record had one. */
  readonly oldestOnPage: (field: string) => number | undefined;
  readonly newestOnPage: (field: string) => number | undefined;
  /** Value of the field in each record of the last page, ms; undefined for a record without one. */
  readonly instantsOnPage: (field: string) => readonly (number | undefined)[];
}

interface FieldOrder {
  isBroken: boolean;
  differs: boolean;
  fallsOnPage: number;
  before: number | undefined;
  oldest: number | undefined;
  newest: number | undefined;
  instants: readonly (number | undefined)[];
}

/** Tracks one reading of a partition. Records without the field say nothing. */
export function trackSortOrder(fields: readonly string[]): SortOrder {
  const orders = new Map<string, FieldOrder>();
  for (const field of fields)
    orders.set(field, {
      isBroken: false,
      differs: false,
      fallsOnPage: 0,
      before: undefined,
      oldest: undefined,
      newest: undefined,
      instants: [],
    });
  return {
    see(records, isAgain = () => false) {
      for (const [field, order] of orders) {
        order.fallsOnPage = 0;
        order.oldest = undefined;
        order.newest = undefined;
        order.instants = instantsIn(records, field);
        for (const [n, instant] of order.instants.entries()) take(order, instant, isAgain(n));
      }
    },
    jump() {
      for (const order of orders.values()) order.before = undefined;
    },
    verified: () => [...orders].filter(([, { isBroken, differs }]) => !isBroken && differs).map(([field]) => field),
    isNewestFirst: (field) => orders.get(field)?.isBroken === false,
    fallsOnPage: (field) => orders.get(field)?.fallsOnPage ?? 0,
    oldestOnPage: (field) => orders.get(field)?.oldest,
    newestOnPage: (field) => orders.get(field)?.newest,
    instantsOnPage: (field) => orders.get(field)?.instants ?? [],
  };
}

function take(order: FieldOrder, value: number | undefined, isAgain: boolean): void {
  if (value === undefined) return;
  order.oldest = Math.min(order.oldest ?? value, value);
  order.newest = Math.max(order.newest ?? value, value);
  if (isAgain) return;
  if (order.before !== undefined && value > order.before) order.isBroken = true;
  if (order.before !== undefined && value < order.before) {
    order.differs = true;
    order.fallsOnPage += 1;
  }
  order.before = value;
}

/** Fields that the lists of a stream may be sorted by. */
export function orderFieldsOf(stream: Stream): readonly string[] {
  return stream.kind === 'collection' ? stream.order : [];
}

/** Where a record is in its list: see the fields of the same names of a digest entry. */
export interface RecordPlace {
  readonly sortedAt?: number | undefined;
  readonly sortedBy?: number | undefined;
}

/**
 * Finds where records are in their list, by the field that it is sorted by, or else by the first declared one.
 * @param order that field, or `none`; undefined if it is not known
 * @param instantsOf gives the instants of a field, ms, by record
 * @returns one place for each record; an empty list if the stream's records are never removed by absence, so that no place is needed
 */
export function placesOf(
  stream: Stream,
  order = 'none',
  instantsOf: SortOrder['instantsOnPage'],
): readonly RecordPlace[] {
  if (stream.kind !== 'collection' || stream.tables[0].removal !== 'by-absence') return [];
  const known = stream.order.indexOf(order);
  const field = stream.order[Math.max(0, known)];
  const sortedBy = known > 0 ? { sortedBy: known } : {};
  const instants = field === undefined ? [] : instantsOf(field);
  return instants.map((sortedAt) => (sortedAt === undefined ? {} : { sortedAt, ...sortedBy }));
}

/** The instants of a field, ms, by record; undefined for a record without one. */
export function instantsIn(records: readonly unknown[], field: string): readonly (number | undefined)[] {
  const path = field.split('.');
  return records.map((record) => sortInstant(valueAtPath(record, path)));
}
