import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { DELETED, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import type { ScanProgress } from '../../lake/scan-progress.ts';
import type { Window } from '../../source/page.ts';
import { DAY_MS, dayOf, durationMs, HOUR_MS } from '../../time.ts';
import { commitIfFull } from '../commit/commit-stream.ts';
import { isReadByScan, type PlannedRead } from '../plan/plan.ts';
import { judgeAbsence, type Verdict } from '../reads/scan-proof.ts';
import type { StreamSession } from '../session/session.ts';
import { groupOf, isProvenAt, missedFirst, removeProven, type ScanTime } from './hold-removals.ts';

/** After a full scan that proves nothing, the next one is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;
/** Full scans take a fifth of the time at most: between two of them is this multiple of what one takes. */
const PAUSE = 4;

/** More lists that the vendor does not have are not named. */
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
 */
export async function concludeScan(
  session: StreamSession,
  scan: ScanProgress,
  { plan, order, isLacking }: ScanEnd,
): Promise<void> {
  const { progress, at, settings, stream, digest } = session;
  const proofs = plan.partitions.map(({ id }) => scan.done[id] ?? 'nothing');
  const isProven = !proofs.includes('nothing');
  const isJudged = isProven && stream.tables[0].removal === 'by-absence';
  const { candidates, tied } = isJudged ? await markDeleted(session, scan, plan) : { candidates: 0, tied: 0 };
  const every = durationMs(settings.sweepEvery);
  const missing = Object.keys(scan.done)
    .filter((list) => scan.done[list] === 'missing')
    .slice(0, MOST_MISSING);
  const pause = candidates > 0 || isLacking ? HOUR_MS : isProven ? every : Math.min(UNPROVEN_MS, every);
  progress.updateState({
    order,
    keptFrom: scan.keptFrom,
    sweptAt: at,
    sweepBegan: scan.startedAt,
    sweepDueAt: at + Math.max(pause, PAUSE * scan.tookMs),
    tied: tied > 0 ? tied : undefined,
    missingLists: missing.length > 0 ? missing : undefined,
    scan: undefined,
    scanWaits: undefined,
    ...(isReadByScan({ ...progress.state(), scan }) && { resume: undefined }),
  });
  digest.scan.end();
}

/** How many keys are left: candidates to be confirmed, and keys of which no scan can tell. */
interface LeftKeys {
  readonly candidates: number;
  readonly tied: number;
}

async function markDeleted(session: StreamSession, scan: ScanProgress, plan: PlannedRead): Promise<LeftKeys> {
  const { digest, at } = session;
  const judge = judgeAbsence(session, scan, plan.partitions);
  const proven = new Map<string, string>();
  let candidates = 0;
  let tied = 0;
  const missed = {
    settled: (print: Hash64, mark: number) => mark === 0 && !isPrint(print, DELETED),
    recent: (key: string, { deletedAt }: DigestEntry) => deletedAt === undefined && digest.scan.markOf(key) === 0,
  };
  for await (const batch of digest.entries.batches(missed)) {
    for (const [key, entry] of batch) {
      if (plan.window && !isWithin(entry, plan.window, session)) continue;
      const verdict: Verdict = judge(entry);
      if (verdict === 'tied') tied += 1;
      if (verdict !== 'gone') continue;
      const since = candidateSince(entry, session);
      if (since === undefined) digest.set(key, { ...entry, missingSince: at, missingSinceClock: session.startedClock });
      if (since !== undefined && isProvenAt({ at: scan.startedAt, clock: scan.startedClock }, since))
        proven.set(key, groupOf(entry));
      else candidates += 1;
    }
    digest.release();
    await commitIfFull(session);
  }
  if (proven.size > 0 || session.progress.state().held) await removeProven(session, proven, scan);
  return { candidates, tied };
}

/**
 * True if the record began within the windows of a scan: on one of their days, where the vendor's time zone may take the first one
 * away, and before the scan, because an earlier run saw it.
 */
function isWithin({ partOn, firstSeenAt }: DigestEntry, { from }: Window, { at, stream }: StreamSession): boolean {
  const firstDay = Math.ceil(from.getTime() / DAY_MS) + (stream.window?.as === 'day' ? 1 : 0);
  return partOn >= firstDay && partOn <= dayOf(at) && firstSeenAt <= at;
}

/** A candidate noted for a later time than this run's was noted by a run with a wrong time, and counts as none. */
function candidateSince(entry: DigestEntry, { at, clock }: StreamSession): ScanTime | undefined {
  const since = missedFirst(entry);
  return since === undefined || since.at > at || since.clock > clock() ? undefined : since;
}
