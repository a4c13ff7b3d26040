import type { Digest } from '../../lake/digest.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import { type Partition, WHOLE_STREAM, type Window } from '../../source/page.ts';
import type { CollectionStream, SourceContext, Stream, Tier } from '../../source/source.ts';
import { DAY_MS, dayOf, durationMs, HOUR_MS } from '../../time.ts';
import type { ReadSettings } from '../session/session.ts';
import type { Siblings } from '../session/sibling-records.ts';

/** One read of some partitions of a stream, decided before anything is requested. */
export interface PlannedRead {
  /**
   * `sweep`: a full scan; `newest`: newest first, until known records older than `until`; `window`: a stretch that the vendor
   * filters; `parents`: one partition per parent record, each from its cursor; `details`: the details of records;
   * `days`: figures of a range of days.
   */
  readonly kind: 'sweep' | 'newest' | 'window' | 'parents' | 'details' | 'days';
  readonly partitions: readonly Partition[];
  readonly window?: Window | undefined;
  /** The read goes back to this instant at least, ms. */
  readonly until?: number;
  /** A full scan that later runs may continue, because another read of this run finds what is new. @default false */
  readonly isExtra?: boolean;
  /** A full scan that repeats the first one, which may have skipped records: no run is complete until it ends. @default false */
  readonly repeatsFirst?: boolean;
  /** Tiers (by how far they reach back) that count as read when this read is done. */
  readonly tiers: readonly string[];
  /** A backfill does not change the schedule. */
  readonly backfill?: boolean;
  /** Its lists are newer than the last full scan, so they are read to their end. That does not change the schedule. @default false */
  readonly isOfNewLists?: boolean;
  /** Last day whose figures are kept, days since the epoch, of a window that ends later. @default the window's last day */
  readonly lastDay?: number;
  /** Days of which an earlier read showed no figures. @default false */
  readonly isSecondLook?: boolean;
  /** Records whose details could not be read before, and are requested by a later run. */
  readonly postponed?: number;
}

/** What a plan is made from. */
export interface PlanOptions {
  readonly stream: Stream;
  readonly state: StreamState;
  readonly digest: Digest;
  readonly siblings: Siblings;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  readonly settings: ReadSettings;
  /** The stretch that a backfill reads. */
  readonly window: Required<Window> | undefined;
}

/** A mark that is this far in the future is ignored: a run with a wrong clock set it, and nothing would be due until that time. */
const FAR_MS = HOUR_MS;

/** Milliseconds since a mark was set; infinite if there is none, or if it cannot be right. */
export function since(mark: number | undefined, at: number): number {
  return mark === undefined || mark - at > FAR_MS ? Number.POSITIVE_INFINITY : at - mark;
}

/** Compares two numbers for a sort. The difference of two infinities would be NaN. */
export function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

/** Puts partitions whose last read failed behind the others, which would starve if a run stops at its third failure each time. */
export function leaveFailedToTheEnd(partitions: readonly Partition[], { failed }: StreamState): readonly Partition[] {
  const last = new Set(failed);
  return [...partitions.filter(({ id }) => !last.has(id)), ...partitions.filter(({ id }) => last.has(id))];
}

/** Begins with the partition in which the last run was cut, and reads those before it afterwards, so that none starves. */
function fromCut(partitions: readonly Partition[], { resume }: StreamState): readonly Partition[] {
  const first = partitions.findIndex(({ id }) => id === resume?.partition);
  return first <= 0 ? partitions : [...partitions.slice(first), ...partitions.slice(0, first)];
}

/** True if the tier was last read so long ago that it is due. */
export function isTierDue({ every, back }: Tier, { tiers }: StreamState, at: number): boolean {
  return since(tiers[back], at) >= durationMs(every);
}

/**
 * True if a full scan is due: at first, at the time that the last one set, or earlier if the setting is shorter now, and if a text is
 * shown or hidden since it began.
 * @param every time between two full scans, ms
 */
export function isSweepDue(state: StreamState, at: number, every: number): boolean {
  const { sweptAt, sweepDueAt = 0, sweepRestsUntil = sweepDueAt, rereadAt, sweepBegan = 0 } = state;
  const sinceSwept = since(sweptAt, at);
  const isStale = rereadAt !== undefined && rereadAt >= sweepBegan;
  const isLate = sinceSwept >= every && at >= sweepRestsUntil;
  return isStale || isLate || at >= sweepDueAt || sinceSwept === Number.POSITIVE_INFINITY;
}

/** True if history begins earlier than at the last full scan, or is unlimited now. */
function hasMoreHistory({ keptFrom }: StreamState, { historyDay }: ReadSettings): boolean {
  return keptFrom !== undefined && (historyDay === undefined || historyDay < keptFrom);
}

/** True if a partition that only full scans read came after the last one. */
function hasNewScanOnly({ scanOnly }: StreamState, partitions: readonly Partition[]): boolean {
  return scanOnly !== undefined && partitions.some(({ id, sweepOnly }) => sweepOnly && !scanOnly.includes(id));
}

/** What a collection's reads are planned from. */
type CollectionPlanOptions = Pick<PlanOptions, 'state' | 'at' | 'settings' | 'window' | 'digest'>;

/**
 * The reads of a collection that are due: what is new, by order or by window; then a full scan, if one is in progress or due. A full scan
 * is the only read of a stream that was never read completely, and of one that has neither an order nor a filter.
 */
export function planCollection(
  stream: CollectionStream,
  partitions: readonly Partition[],
  options: CollectionPlanOptions,
): readonly PlannedRead[] {
  const { state, at, settings, digest, window: backfill } = options;
  const own = fromCut(
    partitions.filter(({ sweepOnly }) => !sweepOnly),
    state,
  );
  if (backfill) {
    const stretch = stream.window ? backfill : undefined;
    return [{ kind: 'window', partitions: own, window: stretch, tiers: [], backfill: true }];
  }
  // The first tier is read at every run.
  const due = (settings.tiers ?? stream.tiers).filter((tier, n) => n === 0 || isTierDue(tier, state, at));
  const incremental = incrementalRead(stream, { own, due }, options);
  const tiers = due.map(({ back }) => back);
  const scan: PlannedRead = { kind: 'sweep', partitions, window: scanReach({ stream, settings, at }), tiers };
  // Of an empty account, a full scan costs hardly more, and shows what is entered for earlier days. Records before history may be many.
  const isEmpty = digest.isEmpty() && state.scan === undefined && settings.historyDay === undefined && !scan.window;
  if (!incremental || stream.alwaysSweep || isEmpty) return [scan];
  const isDue =
    state.scan !== undefined ||
    isSweepDue(state, at, durationMs(settings.sweepEvery)) ||
    hasMoreHistory(state, settings) ||
    hasNewScanOnly(state, partitions);
  if (!isDue) return withNewLists(incremental, state, scan.window);
  if (beginsWithNewest(state, incremental, partitions)) return [scan];
  const extra = { ...scan, isExtra: state.sweptAt !== undefined && !state.scan?.repeatsFirst };
  return state.scanWaits ? [extra, incremental] : [incremental, extra];
}

/**
 * Adds a read of lists that are newer than the last full scan, to their end. A read that goes newest first needs no such addition, because
 * it reads an unknown list to its end anyway. A window would leave out older records until the next full scan.
 */
function withNewLists(incremental: PlannedRead, { readLists }: StreamState, window: Window | undefined): PlannedRead[] {
  if (incremental.kind !== 'window' || !readLists) return [incremental];
  const known = new Set(readLists);
  const added = incremental.partitions.filter(({ id }) => !known.has(id));
  if (added.length === 0) return [incremental];
  const partitions = incremental.partitions.filter(({ id }) => known.has(id));
  return [
    { ...incremental, partitions },
    { kind: 'window', partitions: added, window, tiers: [], isOfNewLists: true },
  ];
}

/** True if a full scan that has not begun yet needs no other read before it: it begins with the newest records, or no record is known. */
function beginsWithNewest(
  { scan, sweptAt }: StreamState,
  { kind }: PlannedRead,
  { length }: readonly Partition[],
): boolean {
  if (scan?.position !== undefined || Object.keys(scan?.done ?? {}).length > 0) return false;
  return sweptAt === undefined || (kind === 'newest' && length === 1);
}

interface DueStretch {
  /** Partitions, beginning with the one that the last run was cut in. */
  readonly own: readonly Partition[];
  readonly due: readonly Tier[];
}

/** The read that finds new records; undefined if only a full scan finds them. */
function incrementalRead(
  stream: CollectionStream,
  { own, due }: DueStretch,
  { state, at }: CollectionPlanOptions,
): PlannedRead | undefined {
  const tiers = due.map(({ back }) => back);
  const reach = at - Math.max(...due.map((tier) => durationMs(tier.back)));
  const until = isReadByScan(state) ? at : Math.min(reach, state.resume?.from ?? reach, lastReadAt(state, at) ?? reach);
  const { required, cap } = stream.window ?? {};
  const showsAll = required === undefined && cap === undefined;
  if (state.order !== undefined && state.order !== 'none' && showsAll)
    return { kind: 'newest', partitions: own, until, tiers };
  // Without a verified order the vendor's filter helps, if it has one. A day's overlap covers its column and time zone.
  if (!stream.window) return undefined;
  const window = { from: new Date(until - DAY_MS), ...(required && { to: new Date(at) }) };
  return { kind: 'window', partitions: own, until, window, tiers };
}

/** Scheduled time of the last complete read, ms: after a longer pause than the tiers reach back, what came since then is read too. */
function lastReadAt({ tiers }: StreamState, at: number): number | undefined {
  const times = Object.values(tiers).filter((time) => since(time, at) < Number.POSITIVE_INFINITY);
  return times.length === 0 ? undefined : Math.max(...times);
}

/**
 * True if a full scan that began later reads what an incremental read left when it was cut, below the point that it reached. Then the
 * first page without news is enough, so that both have time.
 */
export function isReadByScan({ scan, resume }: Pick<StreamState, 'scan' | 'resume'>): boolean {
  // Earlier versions noted no time: their cut was before this scan.
  return scan !== undefined && resume !== undefined && scan.startedAt > (resume.since ?? Number.NEGATIVE_INFINITY);
}

/** What a full scan covers, in whole days; undefined for everything that the vendor lists. */
function scanReach({ stream, settings, at }: Pick<PlanOptions, 'stream' | 'settings' | 'at'>): Window | undefined {
  const { required } = stream.window ?? {};
  if (!required) return undefined;
  const day = Math.min(settings.historyDay ?? dayOf(at - durationMs(required.back)), dayOf(at));
  return { from: new Date(day * DAY_MS), to: new Date(at) };
}

/** First day of history of a stream, days since the epoch; undefined if everything that the vendor lists is stored. */
export function historyStart({ stream, settings }: Pick<PlanOptions, 'stream' | 'settings'>): number | undefined {
  return stream.kind === 'collection' && stream.window ? settings.historyDay : undefined;
}

/** Partitions of a stream, and the streams by whose records it lists them. */
export interface ListedPartitions {
  readonly partitions: readonly Partition[];
  readonly listedBy: readonly string[];
}

/** Lists the partitions of a stream. Whenever it asks for the records of another stream, they are loaded, and it lists again. */
export async function listPartitions(stream: Stream, siblings: Siblings): Promise<ListedPartitions> {
  const loaded = new Set<string>();
  for (;;) {
    const asked = new Set<string>();
    const recordsOf: SourceContext['recordsOf'] = (name) => {
      asked.add(name);
      return siblings.recordsOf(name);
    };
    const { options } = siblings;
    const partitions = [...(stream.partitions?.({ options, recordsOf }) ?? [WHOLE_STREAM])];
    const missing = [...asked].filter((name) => !loaded.has(name));
    if (missing.length === 0) return { partitions, listedBy: [...asked] };
    for (const name of missing) {
      await siblings.loadRecords(name);
      loaded.add(name);
    }
  }
}
