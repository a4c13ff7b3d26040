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
  /** Where the read was cut; undefined for the list's first page. */
  startOf(partition: Partition): ReadStart | undefined;
  /** Begins to watch how the pages of a list meet, or continues. Only full scans do so. */
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
  /** Records per page by which `page` is counted. @default the stream's page size */
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
  /** The windows of the partition, if it is read in several. */
  readonly windows?: Windows;
  /** @default the first page */
  readonly start?: ReadStart | undefined;
}

/** A fetched page and the scan that it belongs to. */
export interface ScanPage extends FetchedPage {
  readonly scan: PartitionScan;
  /** It is a page of a full scan. */
  readonly isOfScan: boolean;
  /** No record was skipped before it, as far as the read needs to know. */
  readonly isJoined: boolean;
}

/** Pages of one partition, or of one window of it, and the outcome of reading it. */
export type PartitionPages = AsyncGenerator<ScanPage, PartitionOutcome | undefined>;

/** The outcome of reading one partition. */
export interface PartitionOutcome {
  readonly partition: Partition;
  /** Its last scan. Undefined if that failed, or if the vendor says that the partition does not exist. */
  readonly scan?: PartitionScan;
  /** Keys of all its scans. */
  readonly keys: ReadonlySet<string>;
  /** It has fewer keys than the vendor's total, however often it was read. */
  readonly isShort: boolean;
  /** Set if it is short and the total was constant: what to report, unless the read itself fails. */
  readonly shortList?: ShortListError;
  /** It was read from its first page to the vendor's end, and the vendor's total was steady and met. */
  readonly isClean: boolean;
  /** It was not read to its end, because the vendor shows no more records of it per query. */
  readonly isCapped?: boolean;
  /** That limit is not declared: it was found while the list was read. */
  readonly isCapFound?: boolean;
  /** It was read in several windows, so that the total of its scan is not that of the partition. */
  readonly isSplit?: boolean;
  /** Of a list that was read in several windows: one of them had several pages, or was read by an earlier run. */
  readonly hasSeveralPages?: boolean;
  /** The vendor's count of all its records, if it was read in windows that showed fewer. */
  readonly wholeTotal?: number;
  readonly failure?: CallhouseError;
}
