import { CallhouseError, NotFoundError, OutOfTimeError, ShortListError } from '../../errors.ts';
import type { PageRequest, Partition, Window } from '../../source/page.ts';
import { refuseUnclearFlags } from '../redact/refuse-unclear-flags.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage } from './fetched-page.ts';
import { describeLeft } from './page-size.ts';
import { startScan } from './partition-scan.ts';
import { requestAhead } from './request-ahead.ts';
import { checkFirstPage, judgePage, type NextStep, requestPage, variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';
import { splitWindow, type Windows } from './split-window.ts';

/** What a read decides about the requests that are made for it. */
export interface ReadGuide {
  readonly kind: string;
  /** Partitions to read, in order. */
  readonly partitions: readonly Partition[];
  /** True if partitions do not depend on each other, so that several may be requested at once. */
  readonly isConcurrent: boolean;
  windowOf(partition: Partition): Window | undefined;
  /** The window to begin with, if the read was cut in one; undefined for the newest. */
  startWindowOf(partition: Partition): Window | undefined;
  /** The page to begin with; undefined for the first. */
  startPageOf(partition: Partition): number | undefined;
  /** Token of that page, if the list has tokens. */
  startTokenOf(partition: Partition): string | undefined;
  /** Notes what is requested next, so that a run that is cut here can continue. */
  requesting(request: PageRequest): void;
  /** Notes the end of a partition. @returns false if the read must stop */
  partitionDone(outcome: PartitionOutcome): Promise<boolean>;
}

type PartitionPages = AsyncGenerator<ScanPage, PartitionOutcome | undefined>;

/** Pages of all partitions of a read, partition by partition. Failures do not end the iteration with an error: the read has them. */
export async function* pagesOf(session: StreamSession, read: ReadGuide): AsyncGenerator<ScanPage> {
  const partitions = read.partitions.map((partition) => () => readPartition(session, read, partition));
  const open = new Set<PartitionPages>();
  const inOrder = read.isConcurrent
    ? requestAhead(partitions, session.tuning.partitionsAtOnce, open)
    : begun(partitions);
  try {
    for (const pages of inOrder) {
      const outcome = yield* pages;
      if (!outcome || !(await read.partitionDone(outcome))) return;
    }
  } finally {
    // Requests of partitions that were begun ahead end before the run goes on.
    await Promise.allSettled([...open].map((pages) => pages.return(undefined)));
  }
}

function* begun(partitions: readonly (() => PartitionPages)[]): Generator<PartitionPages> {
  for (const begin of partitions) yield begin();
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
  /** It was left because the vendor shows no more records of its window. */
  readonly isCapped?: boolean;
  /** It was read in several windows, so that the total of its scan is not that of the partition. */
  readonly isSplit?: boolean;
  readonly failure?: CallhouseError;
}

/** Pages of one partition; in several windows, the newest first, if the vendor limits them. */
export function readPartition(session: StreamSession, read: ReadGuide, partition: Partition): PartitionPages {
  const { longest, required, cap } = session.stream.window ?? {};
  const first: Slice = {
    partition,
    window: read.windowOf(partition),
    startPage: read.startPageOf(partition),
    startToken: read.startTokenOf(partition),
  };
  return (longest ?? required ?? cap) === undefined
    ? readWindow(session, read, first)
    : readWindows(session, read, first);
}

async function* readWindows(session: StreamSession, read: ReadGuide, first: Slice): PartitionPages {
  const { partition, window: range } = first;
  const before = ((first.startPage ?? 0) - variantOf(session).firstPage) * session.stream.pageSize;
  const windows = splitWindow(session, { range, start: read.startWindowOf(partition), before: Math.max(0, before) });
  const parts: PartitionOutcome[] = [];
  for (;;) {
    const start = parts.length === 0 ? first : { partition };
    const part = yield* readWindow(session, read, { ...start, window: windows.current(), windows });
    if (!part) return undefined;
    const isHalved = part.isCapped === true && windows.halve(part.scan);
    parts.push(part.isCapped && !isHalved ? { ...part, failure: windows.tooFull() } : part);
    if (!isHalved && !(part.scan && windows.moveOn(part.scan))) return joinParts(part, parts);
  }
}

/** What the windows of a partition came to. A window that was halved is part of its halves. */
function joinParts(last: PartitionOutcome, parts: readonly PartitionOutcome[]): PartitionOutcome {
  const failure = parts.find((part) => part.failure)?.failure;
  const shortList = parts.find((part) => part.shortList)?.shortList;
  return {
    ...last,
    keys: parts.length === 1 ? last.keys : new Set(parts.flatMap(({ keys }) => [...keys])),
    isShort: parts.some(({ isShort }) => isShort),
    isClean: failure === undefined && parts.every(({ isClean, isCapped }) => isClean || isCapped),
    isSplit: parts.length > 1,
    ...(shortList && { shortList }),
    ...(failure && { failure }),
  };
}

/** What one reading covers: a partition, or one window of it. */
interface Slice {
  readonly partition: Partition;
  readonly window: Window | undefined;
  /** The windows that it is one of, if the vendor limits them. */
  readonly windows?: Windows;
  /** @default the first page */
  readonly startPage?: number | undefined;
  readonly startToken?: string | undefined;
}

/**
 * Pages of one partition or window, to the vendor's own end signal. It is read again, up to 3 times, if it showed fewer keys than
 * the vendor's total, or if the total fell while paging. A total that changes is normal (records arrive); a constant total that
 * is never reached is a failure, reported once the other partitions are read.
 */
async function* readWindow(
  session: StreamSession,
  read: ReadGuide,
  { partition, window, windows, ...start }: Slice,
): PartitionPages {
  const { pageSize, largestPage = pageSize, tables } = session.stream;
  const [table] = tables;
  const firstPage = () => variantOf(session).firstPage;
  const options = () => ({ partition, window, firstPage: firstPage() });
  const begin = (size = read.kind === 'sweep' ? largestPage : pageSize) =>
    startScan(session, { ...options(), startPage: firstPage(), size });
  const startPage = Math.max(firstPage(), start.startPage ?? 0);
  const isResumed = startPage > firstPage();
  const startToken = isResumed ? start.startToken : undefined;
  let keys: ReadonlySet<string> = new Set();
  let scan = isResumed ? startScan(session, { ...options(), startPage, startToken, isResumed }) : begin();
  // A resumed read must find a known key on the page before the cut; else the list has moved, and is read from its first page.
  const isMoved = async (next: NextStep) =>
    typeof next === 'object' && isResumed && scan.isAtStart(startPage) && !(await hasKnownKey(session, next));
  try {
    for (let rereads = 0; ; rereads += 1) {
      while (!scan.isOver() && !windows?.isCapped(scan)) {
        const request = scan.request();
        read.requesting({ ...request, page: scan.resumeAfter(request.page - 1) });
        const next = judgePage(session, scan, await requestPage(session, scan));
        if (next === 'ends' || next === 'ends in doubt') {
          scan.endAsTold(next === 'ends');
        } else if (next === 'has one page') {
          scan.endByRepeat();
        } else if (next === 'begin again' || (await isMoved(next))) {
          scan = begin(scan.request().size);
        } else if (next !== 'ask again') {
          checkFirstPage(session, next);
          if (table.optOut) refuseUnclearFlags(session, table, next);
          scan.take(next);
          yield { ...next, scan };
          scan.advance(next);
        }
      }
      // Most partitions are read once: then their keys are in memory once too.
      keys = keys.size === 0 ? scan.keys : new Set([...keys, ...scan.keys]);
      session.progress.addScan(scan.summary(read.kind));
      if (windows?.isCapped(scan)) return { partition, scan, keys, isShort: false, isClean: false, isCapped: true };
      const isShort = !isResumed && isBelowTotal(scan, keys.size);
      const isUnsteady = isShort || scan.totalFell() || (scan.isDisordered() && rereads === 0);
      if (isResumed || read.kind === 'newest' || !isUnsteady)
        return { partition, scan, keys, isShort: false, isClean: !isResumed && isClean(session, scan) };
      if (rereads === MOST_REREADS) {
        const outcome = { partition, scan, keys, isShort, isClean: isClean(session, scan) };
        const isReported = isShort && !scan.totalChanged();
        return isReported ? { ...outcome, shortList: shortList(session, scan, keys.size) } : outcome;
      }
      scan = begin(scan.request().size);
    }
  } catch (error) {
    const left = () => describeLeft(read.partitions, scan, { firstPage: firstPage(), isLast: windows?.isLast() });
    const failure = error instanceof OutOfTimeError ? error.withLeft(left()) : error;
    return { partition, keys, isShort: false, isClean: false, ...failureOf(session, failure) };
  }
}

/** Where all records are left out, none can be known. */
async function hasKnownKey(
  { digest, isBeforeHistory }: StreamSession,
  { keys, records }: FetchedPage,
): Promise<boolean> {
  await digest.entries.load(keys);
  if (keys.some((key) => key !== undefined && digest.entries.has(key))) return true;
  return records.length > 0 && records.every((record, n) => isBeforeHistory?.(record, keys[n]) === true);
}

function isBelowTotal(scan: PartitionScan, keys: number): boolean {
  const total = scan.total();
  return total !== undefined && keys + scan.uncounted() < total;
}

/** True if the scan may prove that a key it does not contain is gone. */
function isClean(session: StreamSession, scan: PartitionScan): boolean {
  const total = scan.total();
  const isMet = total === undefined || scan.keys.size + scan.uncounted() === total;
  if (!scan.isComplete() || scan.totalChanged() || scan.isDisordered() || scan.isDoubtful() || !isMet) return false;
  // A cache that answers each page number with one page looks like a vendor without pages.
  return !scan.endedByRepeat() || scan.keys.size >= session.liveIn(scan.request().partition);
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
