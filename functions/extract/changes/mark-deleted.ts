import type { DigestEntry } from '../../lake/digest.ts';
import { HOUR_MS } from '../../time.ts';
import type { PartitionOutcome } from '../pages/read-partition.ts';
import type { StreamSession } from '../session/session.ts';

/** First day of history that a full scan covers, days since the epoch; undefined if it covers everything. */
export function sweepStartDay({ stream, settings }: StreamSession): number | undefined {
  return stream.kind === 'collection' && stream.filters ? settings.historyDay : undefined;
}

/** Two scans prove a deletion only if they are this far apart, by schedule and by the clock. */
const PROOF_GAP_MS = HOUR_MS;

/**
 * Draws the conclusions of a consistent full scan: a key that it did not contain becomes a deletion candidate; a candidate of an
 * earlier run is marked deleted.
 * @param outcomes the partitions that were read completely; a key of another partition proves nothing by its absence
 * @returns how many candidates are left to be confirmed
 */
export async function markDeleted(session: StreamSession, outcomes: readonly PartitionOutcome[]): Promise<number> {
  const { digest, diff, stager, at, stream } = session;
  const from = sweepStartDay(session);
  const partitions = new Set(outcomes.map(({ partition }) => partition.id));
  const isPartitioned = stream.partitions !== undefined && stream.skipMissingPartition === true;
  const shown = new Set<string>();
  for (const { keys } of outcomes) for (const key of keys) shown.add(key);
  let candidates = 0;
  for (const [key, entry] of [...digest.entries]) {
    if (entry.deletedAt !== undefined || entry.scannedFrom !== from || shown.has(key)) continue;
    if (isPartitioned && !partitions.has(entry.group ?? '')) continue;
    const since = candidateSince(entry, session);
    if (since === undefined) digest.set(key, { ...entry, missingSince: at, missingSinceClock: session.clock() });
    if (since !== undefined && isProven(since, session)) await stager.add(diff.remove(key));
    else candidates += 1;
  }
  return candidates;
}

interface CandidateSince {
  /** Scheduled time of the scan that missed the key first, and the clock then; ms. */
  readonly at: number;
  readonly clock: number;
}

/** A candidate noted for a later time than this run's was noted by a run with a wrong time, and counts as none. */
function candidateSince({ missingSince, missingSinceClock }: DigestEntry, { at, clock }: StreamSession) {
  if (missingSince === undefined || missingSince > at) return undefined;
  const noted: CandidateSince = { at: missingSince, clock: missingSinceClock ?? missingSince };
  return noted.clock > clock() ? undefined : noted;
}

function isProven(since: CandidateSince, { at, clock }: StreamSession): boolean {
  return at - since.at >= PROOF_GAP_MS && clock() - since.clock >= PROOF_GAP_MS;
}
