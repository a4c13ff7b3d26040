import { AFTER_ALL, BEFORE_ALL, type Coverage, NO_INSTANT } from '../../lake/digest/scan-notes.ts';
import type { FetchedPage } from './fetched-page.ts';
import { hasUnknown, type SortOrder } from './page-tally.ts';

/** What is known about how the pages of one list of a full scan meet. Earlier runs may have read some of them. */
export interface SeamNotes {
  /** The vendor's total on the last page taken, if it gives one. */
  readonly total?: number | undefined;
  /** That total has changed since the list's first page. */
  readonly hasMoved?: true;
  /** Records may have been skipped between two pages. */
  readonly hasGap?: true;
  /** Pages are not as long as their places in the list say. */
  readonly isUneven?: true;
  /** A record has no key. It may be any record that is missing, unless that would be on another page. */
  readonly hasUnknown?: true;
  /** No record of the last page taken is kept. In a sorted list, none of those that follow is. */
  readonly endsOutside?: true;
}

/** How the pages of one list of a full scan meet. */
export interface Seams {
  /**
   * Takes a page. @param size records that it was requested with @returns true if no record of this list can have been skipped before it: it is the first page; or it follows the page
   * before, and the vendor's total says that no record moved up between them; or it begins with a record that this list has shown.
   */
  take(page: FetchedPage, order: SortOrder, size: number): boolean;
  /** Takes the vendor's end of the list, after the last page taken. */
  end(): void;
  /** Notes that records may have been skipped. */
  leaveGap(): void;
  /** False for a list that is read again as a whole instead, because nothing is known about its order and it was begun in this run. */
  readonly mayGoBack: boolean;
  readonly notes: () => SeamNotes;
}

/** What seams are judged by. */
export interface SeamOptions {
  /** Number of the list's first page. */
  readonly firstPage: number;
  /** What earlier runs noted. */
  readonly before: SeamNotes;
  /** The field that the list may be sorted by, newest first, and whether an earlier scan has verified that. */
  readonly field: string | undefined;
  readonly isVerified: boolean;
  /** The pages so far show that it is sorted by none of the declared fields. */
  readonly isUnsorted: boolean;
  /** It continues a list of an earlier run. */
  readonly isResumed: boolean;
  readonly coverage: Coverage;
  /** True if this list has shown the key. */
  readonly isWalked: (key: string) => boolean;
  /** True if no record of the page is kept, so that nobody can know whether this list has shown it. */
  readonly isLeftOut: (page: FetchedPage) => boolean;
  /** Begins with a page that follows one of an earlier run, which is not read again. @default false */
  readonly isHeldUp?: boolean;
}

interface LastPage extends PageSpan {
  readonly number: number;
  readonly records: number;
  readonly size: number;
}

/** Instants of a page: the least and greatest, and those of its first and last record, if they have one. */
interface PageSpan {
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

/** Begins to watch a list, or continues. */
export function newSeams(options: SeamOptions): Seams {
  const { firstPage, before, field, isVerified } = options;
  let { total, hasMoved, hasGap, isUneven, hasUnknown: hasNameless, endsOutside = false } = before;
  let last: LastPage | undefined;
  /** Records of a page that others follow. */
  let full: number | undefined;
  const isSteady = (now: number | undefined, order: SortOrder) => {
    if (now === undefined || total === undefined || now === total) return true;
    return now > total && isVerified && field !== undefined && order.isNewestFirst(field);
  };
  return {
    mayGoBack: isVerified || options.isResumed,
    take(page, order, size) {
      const { number, records, total: now } = page;
      const isFirst = number === firstPage && page.token === undefined;
      // Pages become smaller if one is too large; then their numbers are others.
      const isSameSize = last?.size === size;
      const follows = last !== undefined && (number - firstPage) * size === (last.number + 1 - firstPage) * last.size;
      if (!isSameSize) full = undefined;
      const isJoined = isFirst || (follows && isSteady(now, order)) || isShown(page, options);
      const isOutside = options.isLeftOut(page);
      const isAlone = options.isHeldUp === true && last === undefined && !hasFallen(now, total);
      const isLeft = !isJoined && (isAlone || (endsOutside && isOutside && !options.isUnsorted));
      if (isLeft) hasGap = true;
      endsOutside = isOutside;
      if (now !== undefined && total !== undefined && now !== total) hasMoved = true;
      total = now ?? total;
      if (follows && isSameSize) full ??= last?.records;
      if (follows && isSameSize && last?.records !== full) isUneven = true;
      const isNameless = hasUnknown(page);
      if (isNameless) hasNameless = true;
      // A page with repeats has fewer records than its place says, and where it ends may hide others.
      else if (total !== undefined && new Set(page.keys).size < page.keys.length) isUneven = true;
      const span = isNameless ? undefined : spanOf(order, field);
      if (span) cover(options.coverage, span, { isFirst, before: follows && records.length > 0 ? last : undefined });
      last = { number, size, records: records.length, ...(span ?? NO_SPAN) };
      return isJoined || isLeft;
    },
    end() {
      if (!last) return;
      const place = (last.number - firstPage) * (full ?? last.size) + last.records;
      if (total !== undefined && place !== total) isUneven = true;
      if (last.newest !== undefined) options.coverage.add(BEFORE_ALL, last.newest);
    },
    leaveGap() {
      hasGap = true;
    },
    notes: () => ({
      ...(total === undefined ? {} : { total }),
      ...(hasMoved && { hasMoved }),
      ...(hasGap && { hasGap }),
      ...(isUneven && { isUneven }),
      ...(hasNameless && { hasUnknown: hasNameless }),
      ...(endsOutside && { endsOutside }),
    }),
  };
}

/** True if the list has become shorter: then its records have moved up, to pages that were read. */
function hasFallen(now: number | undefined, before: number | undefined): boolean {
  return now !== undefined && before !== undefined && now < before;
}

/** Notes that records may change places between two pages: the vendor may sort one without an instant among any others. */
function noteTie(coverage: Coverage, last: number | undefined, first: number | undefined): void {
  if (last === undefined || first === undefined) coverage.addTie(NO_INSTANT);
  else if (last === first) coverage.addTie(first);
}

/** True if the page begins with a record that this list has shown. */
function isShown({ keys }: FetchedPage, { isWalked }: SeamOptions): boolean {
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

function cover(
  coverage: Coverage,
  { oldest, newest, first }: PageSpan,
  { isFirst, before }: { readonly isFirst: boolean; readonly before: PageSpan | undefined },
): void {
  if (oldest !== undefined && newest !== undefined) coverage.add(oldest, isFirst ? AFTER_ALL : newest);
  if (before) noteTie(coverage, before.last, first);
}
