import { type CallhouseError, type InterruptedError, OutOfTimeError, UnfinishedError } from '../../errors.ts';
import { WALKED } from '../../lake/digest/scan-notes.ts';
import type { ScanProgress } from '../../lake/scan-progress.ts';
import type { Partition } from '../../source/page.ts';
import { concludeScan } from '../changes/conclude-scan.ts';
import { orderFieldsOf } from '../pages/page-tally.ts';
import type { ListBegin, PartitionOutcome, ScanPage } from '../pages/read-guide.ts';
import { newSeams, type Seams } from '../pages/seams.ts';
import { historyStart, type PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { whyEmpty } from './empty-scan.ts';
import { hasShownAll, newRead, noteSurplus, type Read, sumOfTotals, surplusOf } from './read.ts';
import {
  afterWindow,
  continued,
  isFarther,
  leftOf,
  listAfter,
  orderOf,
  ordersAfter,
  positionAfter,
  positionAt,
  seamNotesOf,
  shareOf,
  startOf,
  surplusAfter,
} from './scan-position.ts';

/**
 * Reads every partition from its first page to its end, over as many runs as that takes. At the end of the last one, keys that it did
 * not show become deletion candidates, or are marked deleted (see {@link concludeScan}).
 */
export function readScan(session: StreamSession, plan: PlannedRead): Read {
  const { progress, digest } = session;
  const before = progress.state().scan;
  const scan = (): ScanProgress => progress.state().scan ?? newScan(session);
  const update = (change: Partial<ScanProgress>) => progress.updateState({ scan: { ...scan(), ...change } });
  const lists: PartitionOutcome[] = [];
  const advanced = new Set<string>();
  return newRead(session, plan, {
    partitions: before ? leftOf(plan.partitions, before) : plan.partitions,
    async begin() {
      if (before) return update(continued(session, before));
      await digest.scan.begin();
      update(plan.repeatsFirst ? { repeatsFirst: true } : {});
    },
    startOf: ({ id }) => startOf(before?.position, id),
    seamsOf: (partition, list) => beginList(session, { partition, list, scan: scan(), update }),
    requesting(request) {
      const { position } = scan();
      const now = positionAt(request, position);
      if (now && position?.partition !== now.partition) digest.scan.beginList();
      if (now) update({ position: now });
    },
    advance(page: ScanPage) {
      update({
        position: positionAfter(page, {
          now: scan().position,
          begin: before?.position,
          pageSize: session.stream.pageSize,
        }),
        ...ordersAfter(session, page, scan()),
        ...surplusAfter(session, page, { plan, scan: scan() }),
      });
      update({ share: shareOf(plan.partitions, page, scan()) });
      if (isFarther(page, before)) advanced.add(page.partition.id);
      if (progress.state().scanWaits) progress.updateState({ scanWaits: undefined });
      // Of a stream that was never read completely, the order is what its pages have shown so far.
      if (progress.state().sweptAt === undefined) progress.updateState({ order: orderOf(session, scan()) });
    },
    windowDone: (part) => update(afterWindow(session, part, scan())),
    provesAbsence: () => isProving(scan()),
    partitionDone(outcome) {
      update(listAfter(session, outcome, scan()));
      noteLacking(session, outcome, { before, scan: scan(), update });
      noteLeftOut(session, outcome, before);
      // Only whether it showed any key matters later. All keys of all lists would need much memory.
      lists.push({ ...outcome, keys: outcome.keys.size > 0 ? SOME : NONE });
    },
    async conclude() {
      const cut = await endScan(session, plan, { lists, advanced, before });
      if (cut && !isPause(cut, plan)) progress.fail(cut);
      else if (cut) session.ports.log('info', cut.message, { ...session.id });
    },
    isPause: (failure) => isPause(failure, plan),
  });
}

/** What this run has read of a full scan. */
interface ScanPart {
  readonly lists: readonly PartitionOutcome[];
  /** Lists of which it has taken pages that no earlier run has taken. */
  readonly advanced: ReadonlySet<string>;
  /** The scan when the run began; undefined if it began the scan. */
  readonly before: ScanProgress | undefined;
}

/** Ends a full scan once each of its lists was read, or has failed in two runs. @returns why a later run must end it */
async function endScan(
  session: StreamSession,
  plan: PlannedRead,
  { lists, advanced, before }: ScanPart,
): Promise<OutOfTimeError | InterruptedError | undefined> {
  const { progress, clock, readingTime } = session;
  const scan = progress.state().scan ?? newScan(session);
  const { failed, done, lacking = 0 } = scan;
  // A list that failed is read again by a later run. If that run comes no farther, the scan ends without the list.
  const isStuck = (id: string) => !advanced.has(id) && before?.failed.includes(id) === true;
  if (failed.length > 0 && !(Object.keys(done).length > 0 && failed.every(isStuck))) return undefined;
  // If an earlier run has shown records, some are known.
  const isEmpty = (before === undefined || session.digest.isEmpty()) && lists.every(({ keys }) => keys === NONE);
  const wrong = isEmpty ? await whyEmpty(session, plan) : undefined;
  if (wrong) {
    // The scan cannot be right: the next run begins a new one.
    progress.updateState({ scan: undefined });
    return void progress.fail(wrong);
  }
  if (!before) session.texts.forgetEarlier();
  if (!before) progress.setVendorTotal(totalOf(lists));
  const ended = {
    ...scan,
    done: { ...done, ...Object.fromEntries(failed.map((id) => [id, 'nothing' as const])) },
    tookMs: scan.tookMs + Math.ceil(readingTime()),
  };
  progress.updateState({ scan: ended });
  const missedClock = Math.floor(clock() - readingTime());
  const end = { plan, order: orderOf(session, ended), isLacking: lacking > 0 };
  const cut = await concludeScan(session, { ...ended, missedClock }, end);
  if (cut === undefined && lacking > 0) progress.fail(lackingRecords(session, lacking));
  return cut;
}

const NONE: ReadonlySet<string> = new Set();
const SOME: ReadonlySet<string> = new Set(['']);

/** The vendor's count of lists that were read in one run. */
function totalOf(lists: readonly PartitionOutcome[]): number | null {
  const own = lists.filter(({ partition, scan }) => scan && !partition.sweepOnly);
  return sumOfTotals(own.map(({ scan, isSplit }) => (isSplit ? undefined : scan?.total())));
}

/** True if the scan ran out of time in a run that has read what is new. Such a run is complete: a later one continues the scan. */
function isPause(failure: CallhouseError, { isExtra = false }: PlannedRead): boolean {
  return isExtra && failure instanceof OutOfTimeError;
}

function newScan(session: StreamSession): ScanProgress {
  const { at, startedClock, progress, stream } = session;
  const keptFrom = historyStart(session);
  const verified = orderFieldsOf(stream).indexOf(progress.state().order ?? 'none');
  return {
    startedAt: at,
    startedClock: Math.floor(startedClock),
    ranAt: at,
    ...{ tookMs: 0, done: {}, failed: [], unsorted: [], falls: {}, leastSurplus: {}, share: 0 },
    ...(verified >= 0 ? { sortedBy: verified } : {}),
    ...(keptFrom === undefined ? {} : { keptFrom }),
  };
}

interface BegunList {
  readonly partition: Partition;
  readonly list: ListBegin;
  readonly scan: ScanProgress;
  readonly update: (change: Partial<ScanProgress>) => void;
}

/** Begins a list, or continues it where the position says. */
function beginList(session: StreamSession, { partition: { id }, list, scan, update }: BegunList): Seams {
  const { digest, stream, isBeforeHistory } = session;
  const { position, sortedBy = 0 } = scan;
  const { firstPage, size, isResumed } = list;
  const order = orderFieldsOf(stream);
  if (!isResumed) {
    digest.scan.beginList();
    digest.scan.dropCoverage(id);
    update({ position: { partition: id, page: firstPage, size } });
  }
  const before = isResumed ? position : undefined;
  return newSeams({
    ...{ firstPage, isResumed, isHeldUp: before?.isHeldUp ?? false },
    before: seamNotesOf(before),
    field: order[sortedBy],
    isVerified: scan.sortedBy !== undefined,
    isUnsorted: order.every((field) => scan.unsorted.includes(field)),
    coverage: digest.scan.coverageOf(id),
    isWalked: (key) => digest.scan.markOf(key) === WALKED,
    isLeftOut: ({ records, keys }) =>
      records.length > 0 && records.every((record, n) => isBeforeHistory?.(record, keys[n]) === true),
  });
}

/** True if each list that was read so far proves something by absence. */
function isProving({ done, failed }: ScanProgress): boolean {
  return failed.length === 0 && Object.values(done).every((proof) => proof !== 'nothing');
}

/**
 * Notes how many records the vendor counts that are not known, after a scan whose own keys cannot be compared with the total. Records that
 * two scans did not find are not looked for any more.
 */
function noteLacking(
  session: StreamSession,
  { partition, scan: reading, isSplit, wholeTotal }: PartitionOutcome,
  { before, scan, update }: Pick<BegunList, 'scan' | 'update'> & { readonly before: ScanProgress | undefined },
): void {
  if (wholeTotal !== undefined) noteSurplus(session, partition, { total: () => wholeTotal });
  if (!reading || isSplit || partition.sweepOnly) return;
  const isWhole = before?.position?.partition !== partition.id && !reading.wentBack();
  const expected = session.liveIn(partition) + surplusOf(session, partition);
  const lacking = isWhole || historyStart(session) !== undefined ? 0 : (reading.total() ?? 0) - expected;
  if (lacking > 0) update({ lacking: (scan.lacking ?? 0) + lacking });
  if (!isWhole || hasShownAll(reading)) noteSurplus(session, partition, reading);
}

function lackingRecords({ stream, id }: StreamSession, count: number): UnfinishedError {
  return new UnfinishedError(
    `${stream.path}: the vendor counts ${count} more records than its pages have shown; what was shown is kept, and the next full scan ` +
      'looks for them',
    id,
  );
}

/** Notes how many records of a list are not stored, because they began before history does. */
function noteLeftOut(
  session: StreamSession,
  { partition, keys, isClean }: PartitionOutcome,
  before?: ScanProgress,
): void {
  const { digest, progress } = session;
  if (historyStart(session) === undefined || !isClean || before?.position?.partition === partition.id) return;
  let count = 0;
  for (const key of keys) if (!digest.entries.has(key)) count += 1;
  progress.updateState({ leftOut: { ...progress.state().leftOut, [partition.id]: count } });
}
