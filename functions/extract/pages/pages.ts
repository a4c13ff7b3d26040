import { CallhouseError, NotFoundError, OutOfTimeError, ShortListError } from '../../errors.ts';
import type { Partition } from '../../source/page.ts';
import { refuseUnclearFlags } from '../redact/refuse-unclear-flags.ts';
import type { StreamSession } from '../session/session.ts';
import { doubtEnd } from './doubt-end.ts';
import type { FetchedPage, NextStep } from './fetched-page.ts';
import { describeDetailsLeft, describeLeft } from './page-size.ts';
import { canReadInWindows, pagingLimit, warnOfLimit } from './paging-limit.ts';
import { scanStarter } from './partition-scan.ts';
import { whyCutShort } from './probe-page.ts';
import type { PartitionOutcome, PartitionPages, ReadGuide, ScanPage, Slice } from './read-guide.ts';
import { readWindows } from './read-windows.ts';
import { isRangeRefused, orBeginAgain } from './refused-request.ts';
import { requestAhead } from './request-ahead.ts';
import { checkRecords, judgePage, requestPage, variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';
import { countsWholeList } from './whole-total.ts';

/** Pages of all partitions of a read, one partition after the other. A failure is not thrown: the read gets it with the outcome. */
export async function* pagesOf(session: StreamSession, read: ReadGuide): AsyncGenerator<ScanPage> {
  const partitions = read.partitions.map((partition) => () => readPartition(session, read, partition));
  const open = new Set<PartitionPages>();
  const inOrder = read.isConcurrent
    ? requestAhead(partitions, session.tuning.partitionsAtOnce, open)
    : oneByOne(partitions);
  try {
    for (const pages of inOrder) {
      const outcome = yield* readBeyondLimit(session, read, yield* pages);
      if (!outcome || !(await read.partitionDone(outcome))) return;
    }
  } finally {
    // The run continues only when the requests of partitions that were begun ahead have ended.
    await Promise.allSettled([...open].map((pages) => pages.return(undefined)));
  }
}

function* oneByOne(partitions: readonly (() => PartitionPages)[]): Generator<PartitionPages> {
  for (const begin of partitions) yield begin();
}

/** How often a partition is read again that showed fewer keys than the vendor's total. */
const MOST_REREADS = 3;

/** Pages of one partition. If the vendor limits how much one query shows, they are read in several windows, the newest first. */
export function readPartition(session: StreamSession, read: ReadGuide, partition: Partition): PartitionPages {
  const { longest, required, cap } = session.stream.window ?? {};
  const startWindow = read.startOf(partition)?.window;
  const mostDays = session.stream.window && session.progress.state().mostDays;
  const first = firstSlice(read, partition);
  if ((longest ?? required ?? cap ?? startWindow ?? mostDays) === undefined) return readSlice(session, read, first);
  const readOne = (slice: Slice) => readSlice(session, read, slice);
  return readWindows(session, { first, startWindow, isOfScan: read.kind === 'sweep' }, readOne, read.windowDone);
}

/** Continues in windows if reading a partition showed a limit that no declaration names. @param begun the outcome so far */
export async function* readBeyondLimit(
  session: StreamSession,
  read: ReadGuide,
  begun: PartitionOutcome | undefined,
): PartitionPages {
  const hasFoundCap = begun?.isCapFound && !begun.isSplit && !begun.failure;
  if (!begun || !(hasFoundCap || (begun.failure && isRangeRefused(session, begun)))) return begun;
  const first = firstSlice(read, begun.partition);
  const readOne = (slice: Slice) => readSlice(session, read, slice);
  return yield* readWindows(session, { first, begun, isOfScan: read.kind === 'sweep' }, readOne, read.windowDone);
}

function firstSlice(read: ReadGuide, partition: Partition): Slice {
  return { partition, window: read.windowOf(partition), start: read.startOf(partition) };
}

/**
 * Pages of one partition or window, up to the vendor's own end signal. The list is read again, up to 3 times, if it showed fewer keys
 * than the vendor's total, or if the total fell while it was read. A full scan goes back a page instead, because a later run can continue
 * there. A total that changes is normal, because records arrive. A constant total that is never reached is a failure, which is reported
 * after the other partitions are read.
 */
async function* readSlice(session: StreamSession, read: ReadGuide, slice: Slice): PartitionPages {
  const { partition, windows } = slice;
  const [table] = session.stream.tables;
  const { begin, startPage, ...starter } = scanStarter(session, read, slice);
  let { isResumed } = starter;
  let [scan, keys]: [PartitionScan, ReadonlySet<string>] = [starter.first, new Set()];
  const beginAgain = (error: unknown) => orBeginAgain(session, scan, error);
  // A resumed read must find a known key on the page before the cut. Else the list has moved, and it is read from its first page.
  const isMoved = async (next: NextStep) =>
    typeof next === 'object' &&
    isResumed &&
    !scan.seams &&
    scan.isAtStart(startPage) &&
    !(await hasKnownKey(session, next));
  try {
    for (let rereads = 0; ; rereads += 1) {
      while (!scan.isOver() && !windows?.isCapped(scan)) {
        const request = scan.request();
        read.requesting(request, scan);
        const next = judgePage(session, scan, await requestPage(session, scan).catch(beginAgain));
        if (next === 'ends' || next === 'ends in doubt') scan.endAsTold(next === 'ends');
        else if (next === 'has one page') {
          scan.endByRepeat();
        } else if (next === 'begin again' || (await isMoved(next))) {
          scan = begin(scan.request().size);
          isResumed = false;
        } else if (next !== 'ask again') {
          checkRecords(session, next, request.window);
          if (table.optOut) refuseUnclearFlags(session, table, next);
          const isJoined = scan.take(next);
          yield { ...next, scan, isOfScan: read.kind === 'sweep', isJoined };
          if (isJoined) scan.advance(next);
          else scan.goBack();
          if (next.unnamedToken !== undefined) await doubtEnd(session, scan, { request, page: next });
        }
      }
      // Most partitions are read once: their keys need no second set in memory.
      keys = keys.size === 0 ? scan.keys : new Set([...keys, ...scan.keys]);
      session.progress.addScan(scan.summary(read.kind));
      if (read.kind === 'sweep' && scan.isComplete()) warnOfDoubts(session, scan);
      if (windows?.isCapped(scan)) return { partition, scan, keys, isShort: false, isClean: false, isCapped: true };
      const end = { keys, rereads, isResumed, isIncremental: read.kind === 'newest', isWindow: windows !== undefined };
      const outcome = await judgeEnd(session, scan, end);
      if (outcome) return outcome;
      scan = begin(scan.request().size);
    }
  } catch (error) {
    const limit = pagingLimit(session, scan, error);
    if (limit?.hasWindows) {
      session.progress.addScan(scan.summary(read.kind));
      return foundCap(session, scan, new Set([...keys, ...scan.keys]));
    }
    const left = () =>
      read.kind === 'details'
        ? describeDetailsLeft(read.partitions, partition)
        : describeLeft(read.partitions, scan, { firstPage: variantOf(session).firstPage, isLast: windows?.isLast() });
    const failure = error instanceof OutOfTimeError ? error.withLeft(left()) : (limit?.failure ?? error);
    return { partition, keys, isShort: false, isClean: false, ...(await failureOf(session, scan, failure)) };
  }
}

/** What is known at the end of a scan of a list. */
interface ScanEnd {
  /** Keys of all scans of the list in this run. */
  readonly keys: ReadonlySet<string>;
  /** Scans of the list before this one. */
  readonly rereads: number;
  readonly isResumed: boolean;
  readonly isIncremental: boolean;
  readonly isWindow: boolean;
}

/** The outcome of a scan; undefined if the list must be read again, because the scan contradicts the vendor's total. */
async function judgeEnd(
  session: StreamSession,
  scan: PartitionScan,
  end: ScanEnd,
): Promise<PartitionOutcome | undefined> {
  const { keys, rereads, isResumed, isIncremental, isWindow } = end;
  const { partition } = scan.request();
  const isShort = !isResumed && isBelowTotal(scan, keys.size) && !(await countsWholeList(session, scan));
  const mayLack = scan.totalFell() && (scan.seams?.notes().hasGap ?? true);
  // A record that moved up while paging may be on a page that an incremental read has passed.
  if (isIncremental && mayLack && rereads === 0 && !isResumed) return undefined;
  const isUnsteady = isShort || mayLack || (scan.isDisordered() && rereads === 0);
  if (isResumed || isIncremental || !isUnsteady)
    return { partition, scan, keys, isShort: false, isClean: !isResumed && isClean(session, scan) };
  const isSteadilyShort = isShort && !scan.totalChanged();
  // If the list ends twice below its total, after a full page, the vendor may not show more of it.
  const mayBeCapped = isSteadilyShort && rereads > 0 && scan.endsFull() && !isWindow;
  if (mayBeCapped && canReadInWindows(session, scan)) return foundCap(session, scan, keys);
  if (rereads < MOST_REREADS) return undefined;
  const outcome = { partition, scan, keys, isShort, isClean: isClean(session, scan) };
  return isSteadilyShort ? { ...outcome, shortList: shortList(session, scan, keys.size) } : outcome;
}

/** The outcome of a scan of which the vendor showed only a part, although the list has more records. */
function foundCap(session: StreamSession, scan: PartitionScan, keys: ReadonlySet<string>): PartitionOutcome {
  warnOfLimit(session, scan);
  const { partition } = scan.request();
  return { partition, scan, keys, isShort: false, isClean: false, isCapped: true, isCapFound: true };
}

/** True if a record of the page is known, or if none can be, because none of them is stored. */
async function hasKnownKey(
  { digest, isBeforeHistory }: StreamSession,
  { keys, records, erased }: FetchedPage,
): Promise<boolean> {
  await digest.entries.load(keys);
  if (keys.some((key) => key !== undefined && digest.entries.has(key))) return true;
  const isLeftOut = (record: unknown, n: number) =>
    erased?.has(record) === true || isBeforeHistory?.(record, keys[n]) === true;
  return records.length > 0 && records.every(isLeftOut);
}

function isBelowTotal(scan: PartitionScan, keys: number): boolean {
  const total = scan.total();
  return total !== undefined && keys + scan.uncounted() < total;
}

/** True if the scan may prove that a key it does not contain is gone. */
function isClean(session: StreamSession, scan: PartitionScan): boolean {
  const total = scan.total();
  const isMet = total === undefined || scan.keys.size === total;
  const isConsistent = !scan.totalChanged() && !scan.isDisordered() && !scan.isDoubtful() && !scan.hasUnknown();
  if (!scan.isComplete() || !isConsistent || !isMet) return false;
  // A cache that answers every page number with the same page looks like a vendor that does not page.
  return !scan.endedByRepeat() || scan.keys.size >= session.liveIn(scan.request().partition);
}

/** Warns if full scans find no removals, or not all of them. */
function warnOfDoubts({ stream, warnOnce }: StreamSession, scan: PartitionScan): void {
  if (stream.tables[0].removal !== 'by-absence') return;
  const [records, total] = [scan.keys.size, scan.totalTooLow()];
  if (total !== undefined)
    warnOnce(
      `${stream.path}: the list has ${records} records, and its total is ${total}; no full scan finds removals while the total is too ` +
        'low. If the vendor does not count exactly, leave total out of the declaration, else ask the vendor',
    );
  // A record that the scan did not show may be the one without a key, or one whose place another record took that is shown twice.
  if (!scan.hasUnknown()) return;
  const seen = 'the list has records without a key, or one twice on a page and fewer than its total';
  const why = 'a record that is missing may be hidden by them, so that not each removal is found';
  warnOnce(`${stream.path}: ${seen}; ${why}. They are counted in the table rejects; ask the vendor about them`);
}

function shortList({ stream, id }: StreamSession, scan: PartitionScan, shown: number): ShortListError {
  const { list, total, pages } = scan.summary('');
  const seen = `${MOST_REREADS + 1} readings of ${pages} pages showed ${shown} records, the vendor's total is ${total ?? 'implausibly great'}`;
  return new ShortListError(
    `${stream.path}: ${nameOf(list)} has fewer records than its total (${seen}); what was shown is kept. ` +
      'The next run tries again; if that persists, ask the vendor which of the two is right',
    id,
  );
}

/** Names a partition in a message, unless its name is the id of a record. */
function nameOf(list: string): string {
  return /^[a-z_]{1,32}$/.test(list) ? `partition ${list}` : 'a partition';
}

/**
 * What an error says about a partition. A 404 is no failure if the partition may disappear, and all of it did.
 * @throws the error if it is not an expected failure
 */
async function failureOf(session: StreamSession, scan: PartitionScan, error: unknown) {
  if (!(error instanceof CallhouseError)) throw error;
  if (!(error instanceof NotFoundError) || !session.stream.skipMissingPartition) return { failure: error };
  const failure = await whyCutShort(session, scan, error);
  if (failure) return { failure };
  session.warnOnce('the vendor says that a partition does not exist (404); its rows are kept');
  return {};
}
