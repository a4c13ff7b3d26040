import type { Proof, ScanPosition, ScanProgress } from '../../lake/scan-progress.ts';
import type { PageRequest, Partition, Window } from '../../source/page.ts';
import { HOUR_MS } from '../../time.ts';
import { proofOf } from '../changes/conclude-scan.ts';
import { orderFieldsOf } from '../pages/page-tally.ts';
import type { PartitionOutcome, ReadStart, ScanPage } from '../pages/read-guide.ts';
import { variantOf } from '../pages/request-page.ts';
import type { SeamNotes } from '../pages/seams.ts';
import { historyStart, type PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';

/**
 * Where a run continues a list: one page before the next one, to see that no record was skipped. A window is read again from its first
 * page, but only once: if the second attempt was cut too, the run continues there.
 */
export function startOf(position: ScanPosition | undefined, partition: string): ReadStart | undefined {
  if (position?.partition !== partition) return undefined;
  const { page, size, token, window, isHeldUp, isAgain } = position;
  const isRestarted = window !== undefined && !isAgain;
  return {
    page: isRestarted ? 0 : isHeldUp ? page : page - 1,
    size,
    token: isRestarted ? undefined : token,
    ...(window && { window: datesOf(window) }),
  };
}

/** What a position is computed from. */
interface PositionsBefore {
  readonly now: ScanPosition | undefined;
  /** Where this run began. */
  readonly begin: ScanPosition | undefined;
  /** The stream's records per page. */
  readonly pageSize: number;
}

/** Where a run continues that is cut after this page. */
export function positionAfter(
  { partition: { id }, number, token: own, next: following, unnamedToken, scan: reading, isJoined }: ScanPage,
  { now, begin, pageSize }: PositionsBefore,
): ScanPosition {
  const { size: present, window } = reading.request();
  // A later run tries pages of the usual size again.
  const size = Math.max(present, pageSize);
  const after = present < size ? reading.resumeAfter(number) : number + 1;
  // After a page that does not join, the scan goes back. If the run is cut then, the next one goes back too.
  const before = now?.page ?? number;
  const next = isJoined ? after : own === undefined ? Math.min(before, number) : before;
  // True if this run has only read again the page before.
  const isRepeated = begin?.partition === id && !window && next === begin.page && reading.summary('').pages === 1;
  // If the answer has no token where one is declared, the next page cannot be requested.
  const isHeldUp = isJoined && isRepeated && unnamedToken === undefined;
  const token = isHeldUp ? (following ?? own) : own;
  const isCutWindow = window !== undefined && begin?.partition === id && isSame(begin.window, window);
  return {
    partition: id,
    page: next,
    size,
    ...(token === undefined ? {} : { token }),
    ...(window && { window: msOf(window) }),
    ...reading.seams?.notes(),
    ...(isCutWindow && { isAgain: true as const }),
    ...(now?.whole && { whole: now.whole }),
    ...((now?.isUnclean || (isCutWindow && begin.isAgain)) && { isUnclean: true as const }),
    ...(isHeldUp && { isHeldUp }),
  };
}

/**
 * True for a page that no earlier run of this full scan has read. The windows of a list that failed are read again, so none of them is.
 * @param before the scan when the run began; undefined if it began the scan
 */
export function isFarther(
  { partition: { id }, number, scan: reading }: ScanPage,
  before: ScanProgress | undefined,
): boolean {
  if (!before?.failed.includes(id)) return true;
  const { size, window } = reading.request();
  const { position } = before;
  if (window !== undefined) return false;
  return position?.partition !== id || number * size >= position.page * position.size;
}

/** What changes when a later run continues a scan. If the start of history has moved, the later start counts for the scan. */
export function continued(session: StreamSession, { ranAt, tookMs, keptFrom }: ScanProgress): Partial<ScanProgress> {
  const { at } = session;
  const starts = [keptFrom, historyStart(session)].filter((day) => day !== undefined);
  return {
    ranAt: at,
    tookMs: tookMs + Math.min(HOUR_MS, Math.max(0, at - ranAt)),
    keptFrom: starts.length === 0 ? undefined : Math.max(...starts),
  };
}

/** Partitions that are still to be read. The one in which a run was cut comes first, and those that failed come last. */
export function leftOf(
  partitions: readonly Partition[],
  { done, failed, position }: ScanProgress,
): readonly Partition[] {
  const rank = ({ id }: Partition) => (id === position?.partition ? 0 : failed.includes(id) ? 2 : 1);
  return partitions.filter(({ id }) => done[id] === undefined).sort((one, other) => rank(one) - rank(other));
}

/** The position of a full scan that requests this page; undefined if it is in that list, and window, already. */
export function positionAt(
  { partition: { id }, page, size, window }: PageRequest,
  now: ScanPosition | undefined,
): ScanPosition | undefined {
  const isSameList = now?.partition === id;
  if (isSameList && isSame(now.window, window)) return undefined;
  const { isUnclean, whole } = isSameList ? now : {};
  const own = { partition: id, page, size, ...(window && { window: msOf(window) }) };
  return { ...own, ...(isUnclean && { isUnclean }), ...(whole && { whole }) };
}

/** What changes after a window of a list, or after the part of the list that the vendor shows without a window. */
export function afterWindow(
  { digest }: StreamSession,
  { scan: reading, keys, isClean, isCapped }: PartitionOutcome,
  { position }: ScanProgress,
): Partial<ScanProgress> {
  if (!position) return {};
  if (isCapped) {
    if (reading?.request().window !== undefined) return {};
    const total = reading?.total();
    return { position: { ...position, whole: { ...(total === undefined ? {} : { total }), uncounted: 0 } } };
  }
  const isUnclean = !isClean && { isUnclean: true as const };
  const { whole } = position;
  if (!whole) return { position: { ...position, ...isUnclean } };
  const unknown = [...keys].filter((key) => digest.scan.markOf(key) === 0).length;
  const uncounted = whole.uncounted + unknown + (reading?.uncounted() ?? 0);
  return { position: { ...position, ...isUnclean, whole: { ...whole, uncounted } } };
}

/** What a position says about how the pages before it meet. */
export function seamNotesOf(position: ScanPosition | undefined): SeamNotes {
  const { total, hasMoved, hasGap, mayLack, isUneven, hasUnknown, endsOutside } = position ?? {};
  const notes = { hasMoved, hasGap, mayLack, isUneven, hasUnknown, endsOutside };
  const marks = Object.entries(notes).filter(([, isSet]) => isSet);
  return { ...(total === undefined ? {} : { total }), ...Object.fromEntries(marks) };
}

/** Fields by which some list was not newest first, and by field, how many records were older than the one before. */
export function ordersAfter(
  { stream }: StreamSession,
  { scan: { order } }: ScanPage,
  { falls, unsorted }: ScanProgress,
): Pick<ScanProgress, 'falls' | 'unsorted'> {
  const fields = orderFieldsOf(stream);
  const broken = fields.filter((field) => !order.isNewestFirst(field) && !unsorted.includes(field));
  const all = fields.map((field) => [field, (falls[field] ?? 0) + order.fallsOnPage(field)] as const);
  return { falls: Object.fromEntries(all), unsorted: [...unsorted, ...broken] };
}

/**
 * What changes of `leastSurplus` with a page. If only earlier pages of this run gave a total, that one counts: what the list shows meanwhile
 * becomes known. The total of one window among several is not that of the list.
 */
export function surplusAfter(
  session: StreamSession,
  { scan: reading, partition, number, token, total = reading.total() }: ScanPage,
  { plan, scan: { leastSurplus } }: { readonly plan: PlannedRead; readonly scan: ScanProgress },
): Pick<ScanProgress, 'leastSurplus'> {
  const isWhole = reading.request().window === plan.window;
  if (total === undefined || !isWhole) return { leastSurplus };
  const before = leastSurplus[partition.id];
  const isFirst = number === variantOf(session).firstPage && token === undefined;
  const surplus = total - session.liveIn(partition);
  const least = isFirst || before === undefined ? surplus : Math.min(before, surplus);
  // A copy for each page of thousands of lists would take long.
  return { leastSurplus: least === before ? leastSurplus : { ...leastSurplus, [partition.id]: least } };
}

/**
 * Nine records in random order are newest first once in 360,000 times. A list with fewer records is read completely by each run, which
 * takes a page or two.
 */
const FEWEST_FALLS = 8;

/** The field by which all lists are newest first, shown by so many records that it is not by chance; `none` if there is no such field. */
export function orderOf({ stream }: StreamSession, { falls, unsorted }: ScanProgress): string {
  const isSorted = (field: string) => (falls[field] ?? 0) >= FEWEST_FALLS && !unsorted.includes(field);
  return orderFieldsOf(stream).find(isSorted) ?? 'none';
}

/** The share of a scan that is done after a page, 0 to 1. A list without a total counts only at its end. */
export function shareOf(
  partitions: readonly Partition[],
  { number, scan: reading }: ScanPage,
  { done }: ScanProgress,
): number {
  const { size } = reading.request();
  const total = reading.total() ?? 0;
  const ofList = total > 0 ? Math.min(1, (number * size) / total) : 0;
  const read = partitions.filter(({ id }) => done[id] !== undefined).length;
  return Math.min(1, (read + ofList) / Math.max(1, partitions.length));
}

type StoredWindow = NonNullable<ScanPosition['window']>;

function msOf({ from, to }: Window): StoredWindow {
  return { from: from.getTime(), ...(to && { to: to.getTime() }) };
}

function datesOf({ from, to }: StoredWindow): Window {
  return { from: new Date(from), ...(to === undefined ? {} : { to: new Date(to) }) };
}

function isSame(one: StoredWindow | undefined, other: Window | undefined): boolean {
  return one?.from === other?.from.getTime() && one?.to === other?.to?.getTime();
}

/** Proofs that depend on where in its list a key would be. */
const USES_COVERAGE: ReadonlySet<Proof> = new Set(['untied', 'uncounted', 'inside']);

/** What changes once a list was read, or could not be. */
export function listAfter(
  session: StreamSession,
  outcome: PartitionOutcome,
  scan: ScanProgress,
): Partial<ScanProgress> {
  const { partition, scan: reading, failure, isClean } = outcome;
  const others = scan.failed.filter((id) => id !== partition.id);
  // A list that failed in a window is read again from its first window, because another window may have failed before.
  const again = scan.position?.window ? { position: undefined } : {};
  if (failure) return { failed: [...others, partition.id], ...again };
  const isUnclean = scan.position?.isUnclean === true;
  const proof = reading ? proofOf(session, { ...outcome, isClean: isClean && !isUnclean }, scan) : 'missing';
  if (!USES_COVERAGE.has(proof)) session.digest.scan.dropCoverage(partition.id);
  const mayLack = scan.mayLack || reading?.seams?.notes().mayLack;
  return { done: { ...scan.done, [partition.id]: proof }, failed: others, position: undefined, mayLack };
}
