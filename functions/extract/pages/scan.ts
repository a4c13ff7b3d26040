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
  /** A record may be hidden: one has no key, or one is twice on a page while the scan has fewer keys than the vendor's total. */
  readonly hasUnknown: () => boolean;
  /** The vendor's last total, if it gives one. */
  readonly total: () => number | undefined;
  readonly order: SortOrder;
  /** The vendor's total changed during the scan. */
  readonly totalChanged: () => boolean;
  /** It fell: records moved up in the list, and one may have been skipped between two pages. */
  readonly totalFell: () => boolean;
  /** The vendor's greatest total, if the scan has shown more records: it is not that of the list, and its changes say nothing. */
  readonly totalTooLow: () => number | undefined;
  /** A page showed a key again that an earlier page had shown, although no new record can have moved it down. */
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
  /** The list may have ended: its end is in doubt, or there is no end signal and nothing suggests more. Then a refused page is no failure. */
  readonly mayHaveEnded: () => boolean;
  /** True before any page is taken, if the scan begins with this page. */
  readonly isAtStart: (page: number) => boolean;
  /** True if records should follow the last page: the scan is below the vendor's total or, without a total, the page was full. */
  readonly expectsRecords: () => boolean;
  /** The last page that had records was full. */
  readonly endsFull: () => boolean;
  readonly isOnLastPage: (key: string | undefined) => boolean;
  /** True if the page has the same keys in the same order as the one before. */
  repeats(page: FetchedPage): boolean;
  /**
   * True if a page that repeats the one before it may be right: earlier pages differed, so the vendor does page, and a page's worth of
   * new records may have moved the list down. The next page shows whether that is so.
   */
  mayHaveMoved(page: FetchedPage): boolean;
  /** Allows one repeat of the present page. @returns true if it has not been requested again yet */
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
  /** Goes back to an earlier page, twice as far each time. */
  goBack(): void;
  /** Ends the scan, because nothing new is expected below. */
  stop(): void;
  /** Ends the scan of a list that has one page only; see {@link PartitionScan.endedByRepeat}. */
  endByRepeat(): void;
  /** Ends the scan where the vendor says that the list ends. If nothing confirms it, the scan proves nothing. */
  endAsTold(isConfirmed: boolean): void;
  /** Moves on after a page, or ends. @throws ContractError if the list never ends */
  advance(page: Page): void;
  readonly summary: (kind: string) => Scan;
  /** Continues with smaller pages, because the present one is too large. @returns false if that cannot be done */
  useSmallerPages(): boolean;
  /** The page, counted by the declared size, at which a later run continues after this page. */
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
