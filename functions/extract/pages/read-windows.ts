import { CallhouseError, NotFoundError, ShortListError, WrongRequestError } from '../../errors.ts';
import type { Partition, Window } from '../../source/page.ts';
import type { StreamSession } from '../session/session.ts';
import { orFailure, probeFirstPage } from './probe-page.ts';
import type { PartitionOutcome, PartitionPages, Slice } from './read-guide.ts';
import { findsAllowedDays } from './refused-request.ts';
import { allowedSize, variantOf } from './request-page.ts';
import { splitWindow } from './split-window.ts';

/** Where reading a partition in windows begins. */
interface WindowsStart {
  /** What the read covers, and where it continues if it was cut. */
  readonly first: Slice;
  /** The window in which it was cut. */
  readonly startWindow?: Window | undefined;
  /** The outcome of reading without windows, if it showed that the vendor limits how much one query shows. */
  readonly begun?: PartitionOutcome;
  /** It is a list of a full scan. */
  readonly isOfScan?: boolean;
}

/**
 * Pages of one partition in several windows, the newest first. A window that reaches the vendor's cap is halved.
 * @param readOne reads one window
 */
export async function* readWindows(
  session: StreamSession,
  { first, startWindow, begun, isOfScan = false }: WindowsStart,
  readOne: (slice: Slice) => PartitionPages,
  windowDone: (part: PartitionOutcome) => void = () => {},
): PartitionPages {
  const { partition, window: range, start: cut } = first;
  const { pageSize } = session.stream;
  const before = ((cut?.page ?? 0) - variantOf(session).firstPage) * (cut?.size ?? pageSize);
  const windows = splitWindow(session, { range, start: startWindow, before: Math.max(0, before) });
  const parts: PartitionOutcome[] = [];
  let part = begun;
  for (;;) {
    const start = parts.length === 0 ? first : { partition };
    part ??= yield* readOne({ ...start, window: windows.current(), windows });
    if (!part) return undefined;
    const isRefused = part.failure instanceof WrongRequestError;
    // What was begun without windows is the complete range.
    const requested = part === begun ? range : windows.current();
    if (isRefused && (await findsAllowedDays(session, partition, requested))) {
      windows.shorten();
      part = undefined;
      continue;
    }
    const isMissing = part.scan === undefined && part.failure === undefined;
    if (isMissing && (startWindow !== undefined || parts.length > 0)) part = { ...part, failure: noWindow(session) };
    if (part.isCapFound && part.scan) windows.learnCap(part.scan);
    const isHalved = part.isCapped === true && windows.halve(part.scan);
    parts.push(part.isCapped && !isHalved ? { ...part, failure: windows.tooFull() } : part);
    if (!part.failure) windowDone(part);
    // An incremental read stops in the middle of a list, below which it expects nothing new.
    const isStopped = part.scan?.isOver() === true && !part.scan.isComplete();
    if (!isHalved && (isStopped || !(part.scan && windows.moveOn(part.scan)))) {
      const joined = joinParts(part, parts, startWindow !== undefined);
      return isOfScan ? compareWithTotal(session, joined) : joined;
    }
    part = undefined;
  }
}

/**
 * The failure of a window that the vendor says does not exist (404), although it has shown another window of the same list. Earlier windows
 * may have records.
 */
function noWindow({ stream, id }: StreamSession): NotFoundError {
  return new NotFoundError(
    `${stream.path}: a window of a list does not exist (404), and another one of it does; expected a page, empty or not`,
    id,
  );
}

/** The outcome of all windows of a partition. Of a window that was halved, its halves count. @param isCut an earlier run has read others */
function joinParts(last: PartitionOutcome, parts: readonly PartitionOutcome[], isCut: boolean): PartitionOutcome {
  const failure = parts.find((part) => part.failure)?.failure;
  const shortList = parts.find((part) => part.shortList)?.shortList;
  return {
    ...last,
    keys: parts.length === 1 ? last.keys : new Set(parts.flatMap(({ keys }) => [...keys])),
    isShort: parts.some(({ isShort }) => isShort),
    isClean: failure === undefined && parts.every(({ isClean, isCapped }) => isClean || isCapped),
    isSplit: isCut || parts.length > 1,
    hasSeveralPages: isCut || parts.some(({ scan }) => scan !== undefined && scan.summary('').pages > 1),
    ...(shortList && { shortList }),
    ...(failure && { failure }),
  };
}

/**
 * Compares what the windows of a full scan showed, in all of its runs, with the vendor's count of the complete list. A record without an
 * instant is in no window, so the list may have it although no window showed it. The count is requested again, because records may have
 * been removed meanwhile.
 */
async function compareWithTotal(session: StreamSession, outcome: PartitionOutcome): Promise<PartitionOutcome> {
  const { progress, digest } = session;
  const { total: counted, uncounted = 0 } = progress.state().scan?.position?.whole ?? {};
  if (!outcome.isSplit || outcome.failure || counted === undefined) return outcome;
  const shown = digest.scan.walked() + uncounted;
  if (shown >= counted) return outcome;
  const again = await countAgain(session, outcome.partition);
  // What the windows showed is stored all the same.
  if (again instanceof CallhouseError) return { ...outcome, isClean: false, failure: again };
  const total = Math.min(counted, again ?? counted);
  if (shown >= total) return outcome;
  const { stream, id, warnOnce } = session;
  const seen = `the vendor counts ${total} records of a list, and its windows of time showed ${shown}`;
  const text = `${stream.path}: ${seen}; a record without ${stream.window?.by} is in no window. No removal is found in this list`;
  const isUnknown = session.liveIn(outcome.partition) < total;
  if (!isUnknown) warnOnce(text);
  const lost = `${text}, and records that no page shows are not stored; what was shown is kept. Ask the vendor for a way to list them`;
  return {
    ...outcome,
    isShort: true,
    isClean: false,
    wholeTotal: total,
    ...(isUnknown && { shortList: new ShortListError(lost, id) }),
  };
}

/** The vendor's present count of a whole list, if it gives one, or why it could not be requested. */
async function countAgain(session: StreamSession, partition: Partition): Promise<number | CallhouseError | undefined> {
  const page = await orFailure(
    probeFirstPage(session, { partition, size: allowedSize(session, session.stream.pageSize) }),
  );
  return page instanceof CallhouseError ? page : page?.total;
}
