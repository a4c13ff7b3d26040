import { NO_INSTANT } from '../../lake/digest/coverage.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { Proof, ScanProgress } from '../../lake/scan-progress.ts';
import type { Partition } from '../../source/page.ts';
import type { PartitionOutcome } from '../pages/read-guide.ts';
import type { StreamSession } from '../session/session.ts';

/** What reading a list of a full scan to its end says about the keys that it did not show. */
export function proofOf(
  { stream, progress }: StreamSession,
  { scan: walk, isClean, isShort, isSplit }: PartitionOutcome,
  { sortedBy, unsorted }: ScanProgress,
): Proof {
  // A record without an instant is in no window.
  if (isSplit && progress.state().hasOutsideWindows) return 'nothing';
  const field = stream.kind === 'collection' ? stream.order[sortedBy ?? 0] : undefined;
  const isSorted = field !== undefined && walk?.order.isNewestFirst(field) === true && !unsorted.includes(field);
  // Without a total, records that share their instant may have changed places between two pages.
  if (isClean) return walk?.total() === undefined && isSorted && walk?.seams ? 'untied' : 'all';
  if (!walk?.seams || !walk.isComplete() || walk.endedByRepeat() || walk.isDoubtful() || isShort) return 'nothing';
  const { total, hasGap, hasMoved, isUneven } = walk.seams.notes();
  if (isUneven) return 'nothing';
  const isUnbroken = total !== undefined && !hasGap && !walk.isDisordered();
  const isVerified = isSorted && sortedBy !== undefined && progress.state().order === field;
  if (isVerified) return isUnbroken && !hasMoved ? 'untied' : 'inside';
  return isUnbroken ? 'all' : 'nothing';
}

/** What a full scan says about a key that it did not show. */
export type Verdict = 'gone' | 'tied' | 'unknown';

/** Judges keys that a full scan did not show. @param partitions of the stream */
export function judgeAbsence(
  { stream, digest }: StreamSession,
  { done, sortedBy = 0 }: ScanProgress,
  partitions: readonly Partition[],
): (entry: DigestEntry) => Verdict {
  const isListedIn = stream.kind === 'collection' ? stream.isListedIn : undefined;
  const judgeList = (list: string, entry: DigestEntry): Verdict => {
    const proof = done[list];
    if (proof === 'all') return 'gone';
    if (proof !== 'untied' && proof !== 'inside') return 'unknown';
    const coverage = digest.scan.coverageOf(list);
    if (proof === 'untied' && !coverage.hasTies()) return 'gone';
    const at = (entry.sortedBy ?? 0) === sortedBy ? entry.sortedAt : undefined;
    if (at === undefined) {
      if (proof === 'inside') return 'unknown';
      return entry.sortedAt === undefined && !coverage.isTied(NO_INSTANT) ? 'gone' : 'tied';
    }
    const place = coverage.judge(at);
    if (place === 'edge') return proof === 'untied' ? 'gone' : 'unknown';
    return place === 'inside' ? 'gone' : 'tied';
  };
  const listsOf = (group: string | undefined) => {
    const own = partitions.filter(
      ({ id, sweepOnly }) => !sweepOnly && group !== undefined && (id === group || isListedIn?.(group, id) === true),
    );
    if (own.length > 0 || stream.skipMissingPartition === true) return own;
    const others = partitions.filter(({ sweepOnly }) => sweepOnly);
    return others.length > 0 ? others : partitions;
  };
  const isPartitioned = stream.partitions !== undefined;
  return (entry) => {
    const lists = isPartitioned ? listsOf(entry.group) : partitions;
    const verdicts = lists.map(({ id }) => judgeList(id, entry));
    if (verdicts.length === 0 || verdicts.includes('unknown')) return 'unknown';
    return verdicts.includes('tied') ? 'tied' : 'gone';
  };
}
