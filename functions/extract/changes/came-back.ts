import { CallhouseError, isCut, OutOfTimeError } from '../../errors.ts';
import type { Page, Partition } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { MINUTE_MS } from '../../time.ts';
import { orFailure, probeFirstPage } from '../pages/probe-page.ts';
import { allowedSize } from '../pages/request-page.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import type { EndedScan } from './hold-removals.ts';
import { type GoneRecord, lookFor } from './shown-in-window.ts';

/** A full scan that is being concluded. */
export interface Concluding {
  readonly session: StreamSession;
  readonly scan: EndedScan;
  readonly plan: PlannedRead;
  /** By list, whether the vendor counts more records of it now than the scan has shown. Each is asked once. */
  readonly grown: Map<string, boolean>;
  /** Records that were looked for in a window of time. */
  lookedFor: number;
}

/** Records that are looked for at most at the end of a scan, with a request or more for each. */
const MOST_LOOKED_FOR = 25;

/**
 * True if a record that a full scan did not show may be listed again since, on a page that the scan had passed: if the scan took several
 * runs, or its run was suspended, days may lie between its pages. A list's first page is requested once. Its total is compared with that
 * of the scan, both without the known records: if it is greater, a record that the scan did not show may be there. A total that stays the
 * same proves little, because another record may have gone meanwhile. So if the vendor filters by time, the record is also looked for in a
 * window, with or without a total.
 * @throws OutOfTimeError, InterruptedError
 */
export async function mayBeBack(concluding: Concluding, record: GoneRecord): Promise<boolean> {
  const { session, scan, plan, grown } = concluding;
  // A run that read without a break ends as long after its beginning as it has read.
  if (Math.abs(scan.missedClock - scan.startedClock) < MINUTE_MS) return false;
  const lists = listsOf(session.stream, plan.partitions, record.entry.group);
  for (const list of lists) {
    const answer = grown.get(list.id) ?? (await hasGrown(concluding, list));
    grown.set(list.id, answer);
    if (answer) return true;
  }
  const hasTotal = lists.some(({ id }) => scan.leastSurplus[id] !== undefined);
  // The total is the same. That is enough if an earlier run was cut while it looked for records.
  if (concluding.lookedFor >= MOST_LOOKED_FOR || (hasTotal && scan.hasWaited)) return false;
  concluding.lookedFor += 1;
  return isDoubt(await lookFor(session, plan, record), scan);
}

/**
 * True for a failure: what cannot be asked is in doubt. A run that may send few requests never asks everything: the second time, this is
 * in doubt too.
 * @throws OutOfTimeError, InterruptedError
 */
function isDoubt(answer: boolean | CallhouseError, { hasWaited }: EndedScan): boolean {
  if (isCut(answer) && !(answer instanceof OutOfTimeError && hasWaited)) throw answer;
  return answer !== false;
}

async function hasGrown({ session, scan, plan: { window } }: Concluding, partition: Partition): Promise<boolean> {
  const before = scan.leastSurplus[partition.id];
  if (before === undefined) return false;
  const size = allowedSize(session, session.stream.pageSize);
  const page = await orFailure(probeFirstPage(session, { partition, size, ...(window && { window }) }));
  // A list that cannot be read now, or whose total is gone, does not say that its records are still missing.
  if (page instanceof CallhouseError) return isDoubt(page, scan);
  if (page?.total === undefined) return true;
  const surplus = page.total - session.liveIn(partition);
  // Nor does a page that is empty since: it may be a fault of the vendor.
  if (page.records.length === 0 && surplus < before) return true;
  return surplus - (await unknownIn(session, page, partition)) > before;
}

/** How many records of a page will be known: those that are new, or marked deleted. What is not stored counts in no read. */
async function unknownIn(
  { digest, keyOf, loadFirstKeys, erasedKeyOf, isBeforeHistory }: StreamSession,
  { records }: Page,
  { context }: Partition,
): Promise<number> {
  await loadFirstKeys?.(records, context);
  const keys = records.map((record) => keyOf(record, context));
  await digest.entries.load(keys);
  const isUnknown = (key: string | undefined, n: number) => {
    if (key === undefined || erasedKeyOf?.(records[n], key, context) !== undefined) return false;
    if (digest.entries.has(key)) return digest.entries.get(key)?.deletedAt !== undefined;
    return isBeforeHistory?.(records[n], key) !== true;
  };
  return new Set(keys.filter(isUnknown)).size;
}

/** The lists that should show the records of a group. @param partitions of the stream */
export function listsOf(
  stream: Stream,
  partitions: readonly Partition[],
  group: string | undefined,
): readonly Partition[] {
  if (stream.partitions === undefined) return partitions;
  const { isListedIn, assignOwner } = stream.kind === 'collection' ? stream : {};
  const own = partitions.filter(
    ({ id, sweepOnly }) => !sweepOnly && group !== undefined && (id === group || isListedIn?.(group, id) === true),
  );
  if (own.length > 0 || stream.skipMissingPartition === true) return own;
  // Unless the source assigns groups, each group is one list. If that list is not requested any more, the others say nothing about it.
  if (group !== undefined && !assignOwner) return partitions.filter(({ id }) => id === group);
  const others = partitions.filter(({ sweepOnly }) => sweepOnly);
  return others.length > 0 ? others : partitions;
}
