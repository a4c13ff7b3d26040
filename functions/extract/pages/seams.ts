import { AFTER_ALL, BEFORE_ALL, type Coverage, NO_INSTANT } from '../../lake/digest/scan-notes.ts';
import type { FetchedPage } from './fetched-page.ts';
import { hasUnknown, type SortOrder } from './page-tally.ts';

/** What is known about how the pages of one list of a full scan meet. Earlier runs may have read some of the pages. */
export interface SeamNotes {
  /** The vendor's total on the last page taken, if it gives one. */
  readonly total?: number | undefined;
  /** That total has changed since the list's first page. */
  readonly hasMoved?: true;
  /** Records may have been skipped between two pages. */
  readonly hasGap?: true;
  /** The total fell where records may have been skipped, so that the list may have more records than it has shown. */
  readonly mayLack?: true;
  /** A page has fewer or more records than the places of its neighbours leave for it. */
  readonly isUneven?: true;
  /** A record has no key. It may be any record that its page seems to lack. */
  readonly hasUnknown?: true;
  /** No record of the last page taken is stored. In a sorted list, none of the later ones is either. */
  readonly endsOutside?: true;
}

/** Watches how the pages of one list of a full scan meet: whether records may have been skipped between two of them. */
export interface Seams {
  /**
   * Takes a page.
   *
   * It joins the pages before it, so that no record of the list can have been skipped, if
   * - it is the list's first page;
   * - or it follows the page before, and the vendor's total says that no record moved up between the two;
   * - or it begins with a record that this list has shown.
   * @param size records per page that it was requested with
   * @returns true if it joins, or if going back would not help; false if the scan should go back
   */
  take(page: FetchedPage, order: SortOrder, size: number): boolean;
  /** Notes that the list ends after the last page taken. */
  end(): void;
  /** Notes that records may have been skipped. */
  leaveGap(): void;
  /** False for a list that was begun in this run and whose order is not known: it is read again from its first page instead. */
  readonly mayGoBack: boolean;
  readonly notes: () => SeamNotes;
}

/** What seams are judged by. */
export interface SeamOptions {
  /** Number of the list's first page. */
  readonly firstPage: number;
  /** What earlier runs noted. */
  readonly before: SeamNotes;
  /** The field that the list may be sorted by, newest first. */
  readonly field: string | undefined;
  /** An earlier scan has verified that order. */
  readonly isVerified: boolean;
  /** The pages so far show that the list is sorted by none of the declared fields. */
  readonly isUnsorted: boolean;
  /** An earlier run has read a part of the list. */
  readonly isResumed: boolean;
  /** Takes which stretches of time the pages cover. */
  readonly coverage: Coverage;
  /** True if this list has shown the key. */
  readonly isWalked: (key: string) => boolean;
  /** True if no record of the page is stored, so that it cannot be known whether this list has shown it. */
  readonly isLeftOut: (page: FetchedPage) => boolean;
  /** The page before the first one was read by an earlier run, and is not read again. @default false */
  readonly isHeldUp?: boolean;
}

/** The last page taken. */
interface LastPage extends PageSpan {
  readonly number: number;
  readonly records: number;
  readonly size: number;
  /** The total was less than on the page before. */
  readonly isShorter: boolean;
}

/** Instants of a page, ms; undefined where no record says one. */
interface PageSpan {
  /** Of its first record. */
  readonly first: number | undefined;
  /** Of its last record. */
  readonly last: number | undefined;
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

/** Begins to watch a list, or continues where an earlier run ended. */
export function newSeams(options: SeamOptions): Seams {
  const { firstPage, before, field, isVerified } = options;
  let { total, hasMoved, hasGap, mayLack, isUneven, hasUnknown: hasKeyless, endsOutside = false } = before;
  let last: LastPage | undefined;
  // Records of each page that another one follows.
  let fullSize: number | undefined;
  const mayGrow = (order: SortOrder) => isVerified && field !== undefined && order.isNewestFirst(field);
  return {
    mayGoBack: isVerified || options.isResumed,
    take(page, order, size) {
      const { number, records, total: now } = page;
      const isFirst = number === firstPage && page.token === undefined;
      // Pages become smaller if one is too large; then their numbers change.
      const isSameSize = last?.size === size;
      const follows = last !== undefined && (number - firstPage) * size === (last.number + 1 - firstPage) * last.size;
      if (!isSameSize) fullSize = undefined;
      const isJoined = isFirst || (follows && isSteady(now, total, mayGrow(order))) || beginsWithShown(page, options);
      const isOutside = options.isLeftOut(page);
      const isShorter = hasFallen(now, total);
      // The page before is not read again, or it has no record that could be known: going back would not help.
      const isFirstOfRun = options.isHeldUp === true && last === undefined && !isShorter;
      const leavesGap = !isJoined && (isFirstOfRun || (endsOutside && isOutside && !options.isUnsorted));
      if (leavesGap) hasGap = true;
      endsOutside = isOutside;
      if (now !== undefined && total !== undefined && now !== total) hasMoved = true;
      total = now ?? total;
      if (follows && isSameSize) fullSize ??= last?.records;
      if (follows && isSameSize && last?.records !== fullSize) isUneven = true;
      const isKeyless = hasUnknown(page);
      if (isKeyless) hasKeyless = true;
      // A page that shows a record twice has fewer records than its place says, and may hide others at its end.
      else if (total !== undefined && new Set(page.keys).size < page.keys.length) isUneven = true;
      const span = isKeyless ? undefined : spanOf(order, field);
      if (span) cover(options.coverage, span, { isFirst, before: follows && records.length > 0 ? last : undefined });
      last = { number, size, records: records.length, isShorter, ...(span ?? NO_SPAN) };
      return isJoined || leavesGap;
    },
    end() {
      if (!last) return;
      if (total !== undefined && placeOf(last, firstPage, fullSize) !== total) isUneven = true;
      if (last.newest !== undefined) options.coverage.add(BEFORE_ALL, last.newest);
    },
    leaveGap() {
      hasGap = true;
      if (last?.isShorter) mayLack = true;
    },
    notes: () => ({
      ...(total === undefined ? {} : { total }),
      ...(hasMoved && { hasMoved }),
      ...(hasGap && { hasGap }),
      ...(mayLack && { mayLack }),
      ...(isUneven && { isUneven }),
      ...(hasKeyless && { hasUnknown: hasKeyless }),
      ...(endsOutside && { endsOutside }),
    }),
  };
}

/**
 * True if the vendor's total says that no record moved up since the page before.
 * @param mayGrow true if the list is newest first: new records at its top only move others down
 */
function isSteady(now: number | undefined, before: number | undefined, mayGrow: boolean): boolean {
  if (now === undefined || before === undefined || now === before) return true;
  return mayGrow && now > before;
}

/** Place of a page's last record in the list, from 1 on. @param size records of each page before it */
function placeOf({ number, records, size: asked }: LastPage, firstPage: number, size = asked): number {
  return (number - firstPage) * size + records;
}

/** True if the list has become shorter, so that records have moved up to pages that were read. */
function hasFallen(now: number | undefined, before: number | undefined): boolean {
  return now !== undefined && before !== undefined && now < before;
}

/** Notes where two pages meet between records of one instant, or at one without an instant: such records may change places. */
function noteTie(coverage: Coverage, last: number | undefined, first: number | undefined): void {
  if (last === undefined || first === undefined) coverage.addTie(NO_INSTANT);
  else if (last === first) coverage.addTie(first);
}

/** True if the page begins with a record that this list has shown. */
function beginsWithShown({ keys }: FetchedPage, { isWalked }: SeamOptions): boolean {
  const first = keys.find((key) => key !== undefined);
  return first !== undefined && isWalked(first);
}

const NO_SPAN: PageSpan = { oldest: undefined, newest: undefined, first: undefined, last: undefined };

function spanOf(order: SortOrder, field: string | undefined): PageSpan | undefined {
  if (field === undefined) return undefined;
  const instants = order.instantsOnPage(field);
  const ends = { first: instants[0], last: instants.at(-1) };
  return { oldest: order.oldestOnPage(field), newest: order.newestOnPage(field), ...ends };
}

/** Notes the stretch of time that a page covers, and how it meets the page before. */
function cover(
  coverage: Coverage,
  { oldest, newest, first }: PageSpan,
  { isFirst, before }: { readonly isFirst: boolean; readonly before: PageSpan | undefined },
): void {
  if (oldest !== undefined && newest !== undefined) coverage.add(oldest, isFirst ? AFTER_ALL : newest);
  if (before) noteTie(coverage, before.last, first);
}
