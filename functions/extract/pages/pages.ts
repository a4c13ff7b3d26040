import { CallhouseError, NotFoundError, ShortListError } from '../../errors.ts';
import type { PageRequest, Partition, Window } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import { type PartitionScan, startScan } from './partition-scan.ts';
import { type FetchedPage, hasNextVariant, requestPage, switchVariant } from './request-page.ts';

/** What a read decides about the requests that are made for it. */
export interface ReadGuide {
  readonly kind: string;
  /** Partitions to read, in order. */
  readonly partitions: readonly Partition[];
  /** True if partitions do not depend on each other, so that several may be requested at once. */
  readonly isConcurrent: boolean;
  windowOf(partition: Partition): Window | undefined;
  /** The page to begin with; undefined for the first. */
  startPageOf(partition: Partition): number | undefined;
  /** Notes what is requested next, so that a run that is cut here can continue. */
  requesting(request: PageRequest): void;
  /** Notes the end of a partition. @returns false if the read must stop */
  partitionDone(outcome: PartitionOutcome): boolean;
}

type PartitionPages = AsyncGenerator<ScanPage, PartitionOutcome | undefined>;

/** Pages of all partitions of a read, partition by partition. Failures do not end the iteration with an error: the read has them. */
export async function* pagesOf(session: StreamSession, read: ReadGuide): AsyncGenerator<ScanPage> {
  const partitions = read.partitions.map((partition) => () => readPartition(session, read, partition));
  const ahead = read.isConcurrent ? session.tuning.partitionsAtOnce : 1;
  const open = new Set<PartitionPages>();
  try {
    for (const pages of requestAhead(partitions, ahead, open)) {
      const outcome = yield* pages;
      if (!outcome || !read.partitionDone(outcome)) return;
    }
  } finally {
    // Requests of partitions that were begun ahead end before the run goes on.
    await Promise.allSettled([...open].map((pages) => pages.return(undefined)));
  }
}

/**
 * Begins to read up to `ahead` partitions at once, and hands them out in order. Each waits with its first page until it is handed
 * out, so pages are compared and committed in the same order in every run.
 */
function* requestAhead(
  partitions: readonly (() => PartitionPages)[],
  ahead: number,
  open: Set<PartitionPages>,
): Generator<PartitionPages> {
  if (ahead <= 1) {
    for (const begin of partitions) yield begin();
    return;
  }
  const begun: PartitionPages[] = [];
  let next = 0;
  for (let handedOut = 0; handedOut < partitions.length; handedOut += 1) {
    for (; next < Math.min(partitions.length, handedOut + ahead); next += 1) {
      const begin = partitions[next];
      if (begin) begun.push(withFirstPage(begin(), open));
    }
    const pages = begun.shift();
    if (pages) yield pages;
  }
}

/** Requests the first page of a partition now. */
function withFirstPage(pages: PartitionPages, open: Set<PartitionPages>): PartitionPages {
  open.add(pages);
  const first = pages.next();
  // It is awaited when the partition is handed out, if it ever is.
  first.catch(() => {});
  return continueWith(first, pages, open);
}

async function* continueWith(
  first: Promise<IteratorResult<ScanPage, PartitionOutcome | undefined>>,
  pages: PartitionPages,
  open: Set<PartitionPages>,
): PartitionPages {
  const result = await first;
  open.delete(pages);
  if (result.done) return result.value;
  yield result.value;
  return yield* pages;
}

/** Readings beyond the first, of a partition that showed fewer keys than the vendor's total. */
const MOST_REREADS = 3;

/** A fetched page and the scan that it belongs to. */
export interface ScanPage extends FetchedPage {
  readonly scan: PartitionScan;
}

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
  readonly failure?: CallhouseError;
}

/**
 * Pages of one partition, to the vendor's own end signal. The partition is read again, up to 3 times, if it showed fewer keys than
 * the vendor's total, or if the total fell while paging. A total that changes is normal (records arrive); a constant total that
 * is never reached is a failure, reported once the other partitions are read.
 */
export async function* readPartition(
  session: StreamSession,
  read: ReadGuide,
  partition: Partition,
): AsyncGenerator<ScanPage, PartitionOutcome | undefined> {
  const { firstPage } = session.stream;
  const window = read.windowOf(partition);
  const startPage = Math.max(firstPage, read.startPageOf(partition) ?? firstPage);
  const isResumed = startPage > firstPage;
  let keys: ReadonlySet<string> = new Set();
  let scan = startScan(session, { partition, window, startPage });
  try {
    for (let rereads = 0; ; rereads += 1) {
      while (!scan.isOver()) {
        read.requesting(scan.request());
        const page = await requestPage(session, scan.request());
        const fault = pagingFault(session, scan, page);
        if (fault === 'one page') {
          scan.endByRepeat();
        } else if (fault !== undefined || (isResumed && scan.isAtStart(startPage) && !overlaps(session, page))) {
          if (fault !== undefined) switchVariant(session, fault);
          scan = startScan(session, { partition, window, startPage: firstPage });
        } else {
          scan.take(page);
          yield { ...page, scan };
          scan.advance(page);
        }
      }
      // Most partitions are read once: then their keys are in memory once too.
      keys = keys.size === 0 ? scan.keys : new Set([...keys, ...scan.keys]);
      session.progress.addScan(scan.summary(read.kind));
      const isShort = !isResumed && isBelowTotal(scan, keys.size);
      const isRead = isResumed || read.kind === 'newest' || !(isShort || scan.totalFell());
      if (isRead) return { partition, scan, keys, isShort: false, isClean: !isResumed && isClean(session, scan) };
      if (rereads === MOST_REREADS) {
        const outcome = { partition, scan, keys, isShort, isClean: isClean(session, scan) };
        const isReported = isShort && !scan.totalChanged();
        return isReported ? { ...outcome, shortList: shortList(session, scan, keys.size) } : outcome;
      }
      scan = startScan(session, { partition, window, startPage: firstPage });
    }
  } catch (error) {
    return { partition, keys, isShort: false, isClean: false, ...failureOf(session, error) };
  }
}

/** A resumed read must find a known key on the page before the cut; else the list has moved, and is read from its first page. */
function overlaps({ digest }: StreamSession, { keys }: FetchedPage): boolean {
  return keys.some((key) => key !== undefined && digest.entries.has(key));
}

/**
 * What is wrong with the way the vendor pages, judged by the page it echoes and by the records themselves.
 * @returns `one page` if the vendor serves the complete list for each page number
 */
function pagingFault(session: StreamSession, scan: PartitionScan, page: FetchedPage): string | undefined {
  if (page.page !== undefined && page.page !== page.number)
    return `page ${page.number} was requested and the answer says page ${page.page}`;
  if (!scan.repeats(page)) return undefined;
  const isComplete = page.more === undefined && page.records.length !== session.stream.pageSize;
  return isComplete && !hasNextVariant(session) ? 'one page' : `page ${page.number} repeats the page before it`;
}

function isBelowTotal(scan: PartitionScan, keys: number): boolean {
  const total = scan.total();
  return total !== undefined && keys + scan.uncounted() < total;
}

/** True if the scan may prove that a key it does not contain is gone. */
function isClean(session: StreamSession, scan: PartitionScan): boolean {
  const total = scan.total();
  const isMet = total === undefined || scan.keys.size + scan.uncounted() === total;
  if (!scan.isComplete() || scan.totalChanged() || !isMet) return false;
  // A cache that answers each page number with one page looks like a vendor without pages.
  return !scan.endedByRepeat() || scan.keys.size >= liveRecordsIn(session, scan.request().partition);
}

/** Records of a partition that are not marked deleted. */
export function liveRecordsIn({ digest, stream }: StreamSession, { id }: Partition): number {
  const isListedIn = stream.kind === 'collection' ? stream.isListedIn : undefined;
  let live = 0;
  for (const { deletedAt, group } of digest.entries.values()) {
    if (deletedAt !== undefined) continue;
    const isIn = !stream.partitions || group === id || (group !== undefined && isListedIn?.(group, id));
    if (isIn) live += 1;
  }
  return live;
}

function shortList({ stream, id }: StreamSession, scan: PartitionScan, shown: number): ShortListError {
  const { list, total, pages } = scan.summary('');
  const seen = `${MOST_REREADS + 1} readings of ${pages} pages showed ${shown} records, the vendor's total is ${total}`;
  return new ShortListError(
    `${stream.path}: partition ${list} has fewer records than its total (${seen}); what was shown is kept. ` +
      'The next run tries again; if it goes on, ask the vendor which of the two is right',
    id,
  );
}

/** A 404 for a partition that may disappear is no failure. @throws what is not an expected failure */
function failureOf(session: StreamSession, error: unknown): { readonly failure?: CallhouseError } {
  if (!(error instanceof CallhouseError)) throw error;
  if (!(error instanceof NotFoundError) || !session.stream.skipMissingPartition) return { failure: error };
  session.warnOnce('the vendor says that a partition does not exist (404); its rows are kept');
  return {};
}
