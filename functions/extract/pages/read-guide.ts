import type { CallhouseError, ShortListError } from '../../errors.ts';
import type { PageRequest, Partition, Window } from '../../source/page.ts';
import type { FetchedPage } from './fetched-page.ts';
import type { PartitionScan } from './scan.ts';
import type { SeamOptions, Seams } from './seams.ts';
import type { Windows } from './split-window.ts';

/** What a read decides about the requests that are made for it. */
export interface ReadGuide {
  readonly kind: string;
  /** Partitions to read, in order. */
  readonly partitions: readonly Partition[];
  /** True if partitions do not depend on each other, so that several may be requested at once. */
  readonly isConcurrent: boolean;
  windowOf(partition: Partition): Window | undefined;
  /** Where the read was cut; undefined for the begin of the list. */
  startOf(partition: Partition): ReadStart | undefined;
  /** Begins a list of a full scan, or continues it. Undefined for other reads, whose pages need not meet. */
  seamsOf?(partition: Partition, list: ListBegin): Seams;
  /** Notes what is requested next, so that a run that is cut here can continue. */
  requesting(request: PageRequest, scan: PartitionScan): void;
  /** Notes the end of one window of a partition. */
  windowDone?(part: PartitionOutcome): void;
  /** Notes the end of a partition. @returns false if the read must stop */
  partitionDone(outcome: PartitionOutcome): Promise<boolean>;
}

/** Where to begin in a list. */
export interface ReadStart {
  readonly page: number;
  /** Records per page by which it is counted. @default the stream's page size */
  readonly size?: number;
  /** Token of that page, if the list has tokens. */
  readonly token?: string | undefined;
  /** The window to begin with; undefined for the newest. */
  readonly window?: Window | undefined;
}

/** How a list is requested, and whether it continues where an earlier run was cut. */
export interface ListBegin extends Pick<SeamOptions, 'firstPage' | 'isResumed'> {
  /** Records per page. */
  readonly size: number;
}

/** What one reading covers: a partition, or one window of it. */
export interface Slice {
  readonly partition: Partition;
  readonly window: Window | undefined;
  /** The windows that it is one of, if the vendor limits them. */
  readonly windows?: Windows;
  /** @default the first page */
  readonly start?: ReadStart | undefined;
}

/** A fetched page and the scan that it belongs to. */
export interface ScanPage extends FetchedPage {
  readonly scan: PartitionScan;
  /** It is a page of a full scan. */
  readonly isOfScan: boolean;
  /** No record was skipped before it, as far as that matters to the read. */
  readonly isJoined: boolean;
}

/** Pages of one partition, or of one window of it, and what reading it came to. */
export type PartitionPages = AsyncGenerator<ScanPage, PartitionOutcome | undefined>;

/** What reading one partition came to. */
export interface PartitionOutcome {
  readonly partition: Partition;
  /** The last scan. Undefined if it failed, or if the vendor says that the partition does not exist. */
  readonly scan?: PartitionScan;
  /** Keys of all its scans. */
  readonly keys: ReadonlySet<string>;
  /** It has fewer keys than the vendor's total, however often it was read. */
  readonly isShort: boolean;
  /** Set if it is short and the total was constant: what to report, unless the read itself fails. */
  readonly shortList?: ShortListError;
  /** It was read from its first page to the vendor's end, and the vendor's total was steady and met. */
  readonly isClean: boolean;
  /** It was left because the vendor shows no more records of its window. */
  readonly isCapped?: boolean;
  /** No declaration names that limit: it showed while paging. */
  readonly isCapFound?: boolean;
  /** It was read in several windows, so that the total of its scan is not that of the partition. */
  readonly isSplit?: boolean;
  /** The vendor's count of all its records, if it was read in windows that showed fewer. */
  readonly wholeTotal?: number;
  readonly failure?: CallhouseError;
}
