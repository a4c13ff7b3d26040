import { ContractError, type InterruptedError, isCut, OutOfTimeError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { DELETED, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import type { Proof, ScanProgress } from '../../lake/scan-progress.ts';
import { clearStuck, placeOf } from '../../results.ts';
import type { Partition, Window } from '../../source/page.ts';
import { DAY_MS, dayOf, durationMs, HOUR_MS } from '../../time.ts';
import { commitIfFull } from '../commit/commit-stream.ts';
import { orderFieldsOf } from '../pages/page-tally.ts';
import type { PartitionOutcome } from '../pages/read-guide.ts';
import { isReadByScan, type PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { type Concluding, listsOf } from './came-back.ts';
import { type EndedScan, groupOf, removeProven } from './hold-removals.ts';
import { type AbsenceVerdict, afterMissing } from './missed-key.ts';
import { type GoneRecord, older, whyNotGone } from './shown-in-window.ts';

/** After a full scan that proves nothing, the next one is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;
/** Full scans take at most a fifth of the time: the pause after one is this many times as long as it took. */
const PAUSE = 4;

/** So many lists at most are noted as missing at the vendor. */
const MOST_MISSING = 100;

/** What is known at the end of a full scan. */
interface ScanEnd {
  readonly plan: PlannedRead;
  /** The field that its lists are sorted by, or `none`. */
  readonly order: string;
  /** The vendor counts more records than it has shown. */
  readonly isLacking: boolean;
}

/**
 * Ends a full scan. If each of its lists proves something, a key that it did not show becomes a deletion candidate; a candidate of an
 * earlier run is marked deleted, or held if there are too many of them.
 * @returns a failure if there was no time to ask the vendor about them: then a later run ends the scan
 */
export async function concludeScan(
  session: StreamSession,
  scan: EndedScan,
  { plan, order, isLacking }: ScanEnd,
): Promise<OutOfTimeError | InterruptedError | undefined> {
  const { progress, at, settings, stream, digest } = session;
  const proofs = plan.partitions.map(({ id }) => scan.done[id] ?? 'nothing');
  const isProven = !proofs.includes('nothing');
  const isJudged = isProven && stream.tables[0].removal === 'by-absence';
  const left = isJudged ? await judgeMissing(session, scan, plan).catch(ifCut) : { candidates: 0, tied: 0 };
  if (left instanceof Error) {
    const { missedClock: _ofThisRun, ...waiting } = scan;
    progress.updateState({ scan: { ...waiting, hasWaited: true } });
    return left;
  }
  const { candidates, tied } = left;
  const every = durationMs(settings.sweepEvery);
  const missing = Object.keys(scan.done)
    .filter((list) => scan.done[list] === 'missing')
    .slice(0, MOST_MISSING);
  const isSoon = candidates > 0 || isLacking;
  const pause = isSoon ? HOUR_MS : isProven ? every : Math.min(UNPROVEN_MS, every);
  const rest = PAUSE * scan.tookMs;
  progress.updateState({
    order,
    keptFrom: scan.keptFrom,
    sweptAt: at,
    sweepBegan: scan.startedAt,
    sweepDueAt: at + Math.max(pause, rest),
    sweepRestsUntil: at + Math.max(isSoon ? HOUR_MS : 0, rest),
    tied: tied > 0 ? tied : undefined,
    missingLists: missing.length > 0 ? missing : undefined,
    ...(stream.partitions && stream.window && { readLists: readLists(scan) }),
    ...(stream.partitions && { scanOnly: idsOfScan(plan.partitions) }),
    scan: undefined,
    scanWaits: undefined,
    ...(isReadByScan({ ...progress.state(), scan }) && { resume: undefined }),
  });
  // Places at which no read continues are not counted any more.
  const { resume } = progress.state();
  clearStuck(progress, (place) => resume === undefined || place !== placeOf(resume.partition, resume.page));
  digest.scan.end();
  return undefined;
}

function ifCut(error: unknown): OutOfTimeError | InterruptedError {
  if (isCut(error)) return error;
  throw error;
}

/** Partitions that only full scans read. */
function idsOfScan(partitions: readonly Partition[]): string[] {
  return partitions.flatMap(({ id, sweepOnly }) => (sweepOnly ? [id] : []));
}

/** Partitions that the scan has read. */
function readLists({ done, failed }: ScanProgress): string[] {
  return Object.keys(done).filter((list) => done[list] !== 'missing' && !failed.includes(list));
}

/** Keys that the scan did not show and that are not marked deleted. */
interface LeftKeys {
  /** Deletion candidates, which another scan must confirm. */
  readonly candidates: number;
  /** Keys of which no scan can say whether they are gone: see {@link AbsenceVerdict}. */
  readonly tied: number;
}

/**
 * Judges the keys that the scan did not show: makes them candidates, or removes those that are proven gone.
 * @throws OutOfTimeError, InterruptedError
 */
async function judgeMissing(session: StreamSession, scan: EndedScan, plan: PlannedRead): Promise<LeftKeys> {
  const { digest, stream, progress } = session;
  const judge = judgeAbsence(session, scan, plan.partitions);
  const concluding: Concluding = { session, scan, plan, grown: new Map(), lookedFor: 0 };
  const proven = new Map<string, string>();
  let oldest: GoneRecord | undefined;
  let candidates = 0;
  let tied = 0;
  const missed = {
    settled: (print: Hash64, mark: number) => mark === 0 && !isPrint(print, DELETED),
    recent: (key: string, { deletedAt }: DigestEntry) => deletedAt === undefined && digest.scan.markOf(key) === 0,
  };
  for await (const batch of digest.entries.batches(missed)) {
    for (const [key, entry] of batch) {
      if (plan.window && !isWithin(entry, plan.window, session)) continue;
      const verdict: AbsenceVerdict = judge(entry);
      if (verdict === 'tied') tied += 1;
      const after = await afterMissing({ key, entry }, verdict, concluding);
      if (!after) continue;
      const { candidate, isProven } = after;
      if (candidate !== entry) digest.set(key, candidate);
      if (isProven) {
        proven.set(key, groupOf(entry));
        oldest = older(stream, oldest, { key, entry });
      } else candidates += 1;
    }
    digest.release();
    await commitIfFull(session);
  }
  const doubt = oldest && (await whyNotGone(session, plan, oldest));
  if (doubt) {
    // The second time, nothing is marked. Otherwise a run that may send few requests would never end the scan.
    if (isCut(doubt) && !(doubt instanceof OutOfTimeError && scan.hasWaited)) throw doubt;
    // A list that does not show everything is not scanned more often for that reason.
    progress.fail(doubt);
    return { candidates: doubt instanceof ContractError ? 0 : proven.size, tied };
  }
  if (proven.size > 0 || progress.state().held) await removeProven(session, proven, scan);
  return { candidates, tied };
}

/**
 * True if the record began within the windows of a scan, and was seen before it. The windows' first day does not count, because in the
 * vendor's time zone it may begin later.
 */
function isWithin({ partOn, firstSeenAt }: DigestEntry, { from }: Window, { at, stream }: StreamSession): boolean {
  const firstDay = Math.ceil(from.getTime() / DAY_MS) + (stream.window?.as === 'day' ? 1 : 0);
  return partOn >= firstDay && partOn <= dayOf(at) && firstSeenAt <= at;
}

/** What reading a list of a full scan to its end says about the keys that it did not show. */
export function proofOf(
  { stream, progress }: StreamSession,
  { scan: reading, isClean, isShort, isSplit, hasSeveralPages }: PartitionOutcome,
  { sortedBy, unsorted }: ScanProgress,
): Proof {
  // A record without an instant is in no window.
  if (isSplit && progress.state().hasOutsideWindows) return 'nothing';
  const field = orderFieldsOf(stream)[sortedBy ?? 0];
  const isSorted = field !== undefined && reading?.order.isNewestFirst(field) === true && !unsorted.includes(field);
  if (isClean) {
    // A record may have moved to the page before, because another one was removed between two requests. A total would show that.
    const mayHaveSkipped = hasSeveralPages ?? (reading !== undefined && reading.summary('').pages > 1);
    if (!mayHaveSkipped || reading?.total() !== undefined) return 'all';
    return isSorted && reading?.seams && !isSplit ? 'uncounted' : 'unordered';
  }
  if (!reading?.seams || !reading.isComplete() || reading.endedByRepeat() || reading.isDoubtful() || isShort)
    return 'nothing';
  const { total, hasGap, hasMoved, isUneven, hasUnknown } = reading.seams.notes();
  if (isUneven) return 'nothing';
  const isUnbroken = total !== undefined && !hasGap && !reading.isDisordered();
  const isVerified = isSorted && sortedBy !== undefined && progress.state().order === field;
  if (isVerified) return isUnbroken && !hasMoved && !hasUnknown ? 'untied' : 'inside';
  return isUnbroken && !hasUnknown ? 'all' : 'nothing';
}

/** Of a key that would be between two pages of a sorted list, by what the list proves. */
const AT_EDGE = { untied: 'gone', uncounted: 'skipped', inside: 'unknown' } as const;

/** Judges keys that a full scan did not show. @param partitions of the stream */
function judgeAbsence(
  { stream, digest }: StreamSession,
  { done, sortedBy = 0 }: ScanProgress,
  partitions: readonly Partition[],
): (entry: DigestEntry) => AbsenceVerdict {
  const judgeList = (list: string, entry: DigestEntry): AbsenceVerdict => {
    const proof = done[list];
    if (proof === 'all') return 'gone';
    if (proof === 'unordered') return 'skipped';
    if (proof !== 'untied' && proof !== 'uncounted' && proof !== 'inside') return 'unknown';
    const atEdge = AT_EDGE[proof];
    const coverage = digest.scan.coverageOf(list);
    const at = (entry.sortedBy ?? 0) === sortedBy ? entry.sortedAt : undefined;
    // Nobody knows where in the list a record without an instant would be.
    if (at === undefined) return proof !== 'inside' && coverage.hasTies() ? 'tied' : atEdge;
    const place = coverage.judge(at);
    if (place === 'edge') return atEdge;
    return place === 'inside' ? 'gone' : 'tied';
  };
  return (entry) => {
    const lists = listsOf(stream, partitions, entry.group);
    const verdicts = lists.map(({ id }) => judgeList(id, entry));
    if (verdicts.length === 0 || verdicts.includes('unknown')) return 'unknown';
    if (verdicts.includes('tied')) return 'tied';
    return verdicts.includes('skipped') ? 'skipped' : 'gone';
  };
}
