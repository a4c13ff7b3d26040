import type { Scan } from '../../lake/commit.ts';
import type { Page, PageRequest, Partition, Window } from '../../source/page.ts';
import type { FetchedPage } from './fetched-page.ts';
import type { SortOrder } from './page-tally.ts';
import type { Seams } from './seams.ts';

/** One reading of one partition, page by page. */
export interface PartitionScan {
  readonly request: () => PageRequest;
  /** Keys seen so far. */
  readonly keys: ReadonlySet<string>;
  /** Records that the vendor counts and `keys` does not: those without a key, and repeats within one page. */
  readonly uncounted: () => number;
  /** A record has no key; or one is twice on a page, and there are fewer than the total. */
  readonly hasUnknown: () => boolean;
  /** The vendor's last total, if it gives one. */
  readonly total: () => number | undefined;
  readonly order: SortOrder;
  /** The vendor's total changed during the scan, or fell: then records moved up, and one may have been skipped at a page's edge. */
  readonly totalChanged: () => boolean;
  readonly totalFell: () => boolean;
  /** A page showed a key that an earlier page had shown, and not because a new record moved the last ones of a page down. */
  readonly isDisordered: () => boolean;
  /** A page had no list where one was expected. */
  readonly isDoubtful: () => boolean;
  /** The scan reached the vendor's own end. */
  readonly isComplete: () => boolean;
  /** The vendor served a page twice in a row and gives no end signal, so the list was taken to have one page only. */
  readonly endedByRepeat: () => boolean;
  readonly isOver: () => boolean;
  /** The vendor's end contradicts its total or a full page, so the next page is requested to see whether there is one. */
  readonly isDoubtingEnd: () => boolean;
  /** So it is, or the vendor gives no end signal, and nothing suggests that records follow: a page that it refuses is none. */
  readonly mayHaveEnded: () => boolean;
  /** True before the first page is taken, if that is this page. */
  readonly isAtStart: (page: number) => boolean;
  /** True if the last page suggests that records follow: it was full, and they are fewer than the total, if there is one. */
  readonly expectsRecords: () => boolean;
  /** The last page that had records was full. */
  readonly endsFull: () => boolean;
  readonly isOnLastPage: (key: string | undefined) => boolean;
  /** True if the page has the same keys in the same order as the one before. */
  repeats(page: FetchedPage): boolean;
  /**
   * True for the first page that repeats the one before it in a list whose earlier pages differ, so that the vendor does page: as many
   * records as a page has may have come meanwhile. The page after it shows whether there are more.
   */
  mayHaveMoved(page: FetchedPage): boolean;
  /** @returns true if the present page has not been requested again yet */
  askAgain(): boolean;
  /** How its pages meet, if it is one of a full scan. */
  readonly seams: Seams | undefined;
  /** True if it went back to read pages again. */
  readonly wentBack: () => boolean;
  /**
   * Takes a page before its records are compared.
   * @returns false if records may have been skipped before it (see {@link Seams}), so that the scan should go back
   */
  take(page: FetchedPage): boolean;
  /** Goes back to a page before, twice as far each time. */
  goBack(): void;
  /** Ends the scan, because nothing new is expected below. */
  stop(): void;
  endByRepeat(): void;
  /** Ends the scan at the vendor's own end. If nothing confirmed it, the scan proves nothing. */
  endAsTold(isConfirmed: boolean): void;
  /** Moves on after a page, or ends. @throws ContractError if the list never ends */
  advance(page: Page): void;
  readonly summary: (kind: string) => Scan;
  /** Continues with smaller pages, because the present one is too large. @returns false if that cannot be done */
  useSmallerPages(): boolean;
  /** Page of the declared size at which a run continues that has read all pages up to this one. */
  readonly resumeAfter: (page: number) => number;
}

/** What a scan reads. */
export interface ScanOptions {
  readonly partition: Partition;
  readonly window: Window | undefined;
  /** The page to begin with. */
  readonly startPage: number;
  /** Number of the list's first page. @default `startPage` */
  readonly firstPage?: number;
  /** Records to request per page. @default the stream's page size */
  readonly size?: number;
  /** Token of that page, if the list has tokens and it is not the first. */
  readonly startToken?: string | undefined;
  /** It continues a read that was cut. @default false */
  readonly isResumed?: boolean;
  /** @default the pages of other reads than full scans need not meet */
  readonly seams?: Seams | undefined;
}
