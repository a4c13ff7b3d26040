import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { StreamSession } from '../session/session.ts';
import { type Concluding, mayBeBack } from './came-back.ts';
import { type EndedScan, isProvenAt, missedFirst, type ScanTime } from './hold-removals.ts';
import type { GoneRecord } from './shown-in-window.ts';

/**
 * What a full scan says about a key that it did not show. `skipped`: it is gone, or it moved to a page that was read before. `tied`:
 * records of one instant, or without one, may change places between two pages, so the key may be there although no page showed it.
 */
export type AbsenceVerdict = 'gone' | 'skipped' | 'tied' | 'unknown';

/** What a full scan makes of a key that it did not show. */
interface AfterScan {
  readonly candidate: DigestEntry;
  readonly isProven: boolean;
}

/**
 * What becomes of a key that a full scan did not show; undefined if nothing does. A candidate of an earlier scan that may be listed again
 * since this scan had passed its place must be missed by another scan, and by no more than that.
 * @throws OutOfTimeError, InterruptedError if there is no time to ask for that
 */
export async function afterMissing(
  record: GoneRecord,
  verdict: AbsenceVerdict,
  concluding: Concluding,
): Promise<AfterScan | undefined> {
  const { session, scan } = concluding;
  const { entry } = record;
  if (!entry.mayBeSkipped && isMissedTwice(entry, session, scan) && (await mayBeBack(concluding, record))) {
    const missing = { ...entry, missingSince: session.at, missingSinceClock: scan.missedClock };
    return { candidate: { ...missing, mayBeSkipped: true }, isProven: false };
  }
  if (verdict !== 'gone' && verdict !== 'skipped') return undefined;
  return candidateAfter(entry, verdict === 'skipped', session, scan);
}

/** A key's entry after a full scan that did not show it. If two scans may have skipped the key, a third one must miss it. */
function candidateAfter(entry: DigestEntry, mayBeSkipped: boolean, session: StreamSession, scan: EndedScan): AfterScan {
  const isTwice = isMissedTwice(entry, session, scan);
  if (!isTwice && candidateSince(entry, session) !== undefined) return { candidate: entry, isProven: false };
  const { mayBeSkipped: wasSkipped, ...known } = entry;
  if (isTwice && !(mayBeSkipped && wasSkipped)) return { candidate: entry, isProven: true };
  const missing = { ...known, missingSince: session.at, missingSinceClock: scan.missedClock };
  const candidate = mayBeSkipped && !isTwice ? { ...missing, mayBeSkipped } : missing;
  return { candidate, isProven: false };
}

/** True if an earlier scan missed the key too, so long before this one that both prove that it is gone. */
function isMissedTwice(entry: DigestEntry, session: StreamSession, { startedAt, startedClock }: EndedScan): boolean {
  const since = candidateSince(entry, session);
  return since !== undefined && isProvenAt({ at: startedAt, clock: startedClock }, since);
}

/** When the key became a candidate. A time after this run's was noted by a run with a wrong clock, and does not count. */
function candidateSince(entry: DigestEntry, { at, clock }: StreamSession): ScanTime | undefined {
  const since = missedFirst(entry);
  return since === undefined || since.at > at || since.clock > clock() ? undefined : since;
}
