import { CallhouseError, NotFoundError, OutOfTimeError, ShortListError } from '../../errors.ts';
import type { Partition } from '../../source/page.ts';
import { refuseUnclearFlags } from '../redact/refuse-unclear-flags.ts';
import type { StreamSession } from '../session/session.ts';
import { doubtEnd } from './doubt-end.ts';
import type { FetchedPage, NextStep } from './fetched-page.ts';
import { describeDetailsLeft, describeLeft } from './page-size.ts';
import { canReadInWindows, pagingLimit, warnOfLimit } from './paging-limit.ts';
import { scanStarter } from './partition-scan.ts';
import { unlessExpired, whyCutShort } from './probe-page.ts';
import type { PartitionOutcome, PartitionPages, ReadGuide, ScanPage, Slice } from './read-guide.ts';
import { readWindows } from './read-windows.ts';
import { requestAhead } from './request-ahead.ts';
import { checkRecords, judgePage, requestPage, variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';
import { countsWholeList } from './whole-total.ts';

/** Pages of all partitions of a read, partition by partition. Failures do not end the iteration with an error: the read has them. */
export async function* pagesOf(session: StreamSession, read: ReadGuide): AsyncGenerator<ScanPage> {
  const partitions = read.partitions.map((partition) => () => readPartition(session, read, partition));
  const open = new Set<PartitionPages>();
  const inOrder = read.isConcurrent
    ? requestAhead(partitions, session.tuning.partitionsAtOnce, open)
    : begun(partitions);
  try {
    for (const pages of inOrder) {
      const outcome = yield* readBeyondLimit(session, read, yield* pages);
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

/** Pages of one partition; in several windows, the newest first, if the vendor limits them. */
export function readPartition(session: StreamSession, read: ReadGuide, partition: Partition): PartitionPages {
  const { longest, required, cap } = session.stream.window ?? {};
  const startWindow = read.startOf(partition)?.window;
  const first = firstSlice(read, partition);
  if ((longest ?? required ?? cap ?? startWindow) === undefined) return readWindow(session, read, first);
  const readOne = (slice: Slice) => readWindow(session, read, slice);
  return readWindows(session, { first, startWindow, isOfScan: read.kind === 'sweep' }, readOne, read.windowDone);
}

/** Continues in windows if a limit showed that no declaration names. */
export async function* readBeyondLimit(
  session: StreamSession,
  read: ReadGuide,
  begun: PartitionOutcome | undefined,
): PartitionPages {
  if (!begun?.isCapFound || begun.isSplit || begun.failure) return begun;
  const first = firstSlice(read, begun.partition);
  const readOne = (slice: Slice) => readWindow(session, read, slice);
  return yield* readWindows(session, { first, begun, isOfScan: read.kind === 'sweep' }, readOne, read.windowDone);
}

function firstSlice(read: ReadGuide, partition: Partition): Slice {
  return { partition, window: read.windowOf(partition), start: read.startOf(partition) };
}

/**
 * Pages of one partition or window, to the vendor's own end signal. It is read again, up to 3 times, if it showed fewer keys than
 * the vendor's total, or if the total fell while paging; a full scan goes back a page instead, which it can in a later run too. A total
 * that changes is normal (records arrive); a constant total that is never reached is a failure, reported once the other partitions are
 * read.
 */
async function* readWindow(session: StreamSession, read: ReadGuide, slice: Slice): PartitionPages {
  const { partition, windows } = slice;
  const [table] = session.stream.tables;
  const { begin, startPage, ...starter } = scanStarter(session, read, slice);
  let { isResumed } = starter;
  let [scan, keys]: [PartitionScan, ReadonlySet<string>] = [starter.first, new Set()];
  const restart = (error: unknown) => unlessExpired(session, scan, error);
  // A resumed read must find a known key on the page before the cut; else the list has moved, and is read from its first page.
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
        const next = judgePage(session, scan, await requestPage(session, scan).catch(restart));
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
      // Most partitions are read once: then their keys are in memory once too.
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

/** What is known at the end of a scan. */
interface ScanEnd {
  /** Of all its readings. */
  readonly keys: ReadonlySet<string>;
  /** Readings before this one. */
  readonly rereads: number;
  readonly isResumed: boolean;
  readonly isIncremental: boolean;
  readonly isWindow: boolean;
}

/** What a scan came to; undefined if the list must be read again, because the scan contradicts the vendor's total. */
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
  // Twice the same end after a full page, below the total: the vendor may not show more.
  const mayBeCapped = isSteadilyShort && rereads > 0 && scan.endsFull() && !isWindow;
  if (mayBeCapped && canReadInWindows(session, scan)) return foundCap(session, scan, keys);
  if (rereads < MOST_REREADS) return undefined;
  const outcome = { partition, scan, keys, isShort, isClean: isClean(session, scan) };
  return isSteadilyShort ? { ...outcome, shortList: shortList(session, scan, keys.size) } : outcome;
}

/** The outcome of a scan after which the vendor shows no more of a list, although it has more. */
function foundCap(session: StreamSession, scan: PartitionScan, keys: ReadonlySet<string>): PartitionOutcome {
  warnOfLimit(session, scan);
  const { partition } = scan.request();
  return { partition, scan, keys, isShort: false, isClean: false, isCapped: true, isCapFound: true };
}

/** Where all records are left out, none can be known. */
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
  // A cache that answers each page number with one page looks like a vendor without pages.
  return !scan.endedByRepeat() || scan.keys.size >= session.liveIn(scan.request().partition);
}

/** Says why full scans do not find each removal, or none. */
function warnOfDoubts({ stream, warnOnce }: StreamSession, scan: PartitionScan): void {
  if (stream.tables[0].removal !== 'by-absence') return;
  const [records, total] = [scan.keys.size, scan.total()];
  if (total !== undefined && records > total && !scan.totalChanged())
    warnOnce(
      `${stream.path}: the list has ${records} records, and its total is ${total}; no full scan finds removals while the total is too ` +
        'low. If the vendor does not count exactly, leave total out of the declaration, else ask the vendor',
    );
  // A record without a key may be any that the scan did not show, and one that is shown twice may take its place.
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
      'The next run tries again; if it goes on, ask the vendor which of the two is right',
    id,
  );
}

/** A partition by its name; one that is the id of a record is not named. */
function nameOf(list: string): string {
  return /^[a-z_]{1,32}$/.test(list) ? `partition ${list}` : 'a partition';
}

/** A 404 for a partition that may disappear is no failure, if all of it did. @throws what is not an expected failure */
async function failureOf(session: StreamSession, scan: PartitionScan, error: unknown) {
  if (!(error instanceof CallhouseError)) throw error;
  if (!(error instanceof NotFoundError) || !session.stream.skipMissingPartition) return { failure: error };
  const failure = await whyCutShort(session, scan, error);
  if (failure) return { failure };
  session.warnOnce('the vendor says that a partition does not exist (404); its rows are kept');
  return {};
}
