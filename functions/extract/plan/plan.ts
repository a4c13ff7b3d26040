import type { Digest } from '../../lake/digest.ts';
import type { ResumePoint, StreamState } from '../../lake/stream-state.ts';
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
  /** Where a full scan that was cut continues. */
  readonly resume?: ResumePoint;
  /** Tiers (by how far they reach back) that count as read when this read is done. */
  readonly tiers: readonly string[];
  /** A backfill does not change the schedule. */
  readonly backfill?: boolean;
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

/** A mark this far in the future was set by a run with a wrong time, and would silence the schedule until then. */
const FAR_MS = HOUR_MS;

/** Milliseconds since a mark was set; infinite if there is none, or if it cannot be right. */
export function since(mark: number | undefined, at: number): number {
  return mark === undefined || mark - at > FAR_MS ? Number.POSITIVE_INFINITY : at - mark;
}

/** Puts partitions whose last read failed behind the others, which would starve if a run stops at its third failure each time. */
export function leaveFailedToTheEnd(
  partitions: readonly Partition[],
  { failed = [] }: StreamState,
): readonly Partition[] {
  const last = new Set(failed);
  return [...partitions.filter(({ id }) => !last.has(id)), ...partitions.filter(({ id }) => last.has(id))];
}

/** Begins with the partition in which the last run was cut, and reads those before it afterwards, so that none starves. */
function fromCut(partitions: readonly Partition[], { resume }: StreamState): readonly Partition[] {
  const first = partitions.findIndex(({ id }) => id === resume?.partition);
  return first <= 0 ? partitions : [...partitions.slice(first), ...partitions.slice(0, first)];
}

/** True if a day is one of the window's. @param day days since the epoch */
export function isWithin(day: number, { from, to }: Required<Window>): boolean {
  return day >= dayOf(from.getTime()) && day <= dayOf(to.getTime());
}

/** True if the tier was last read so long ago that it is due. */
export function isTierDue({ every, back }: Tier, { tiers }: StreamState, at: number): boolean {
  return since(tiers[back], at) >= durationMs(every);
}

/** True if a full scan is due: at first, at the time that the last one set, and if a text is shown or hidden since it began. */
export function isSweepDue({ sweptAt, sweepDueAt = 0, rereadAt, sweepBegan = 0 }: StreamState, at: number): boolean {
  const isStale = rereadAt !== undefined && rereadAt >= sweepBegan;
  return isStale || at >= sweepDueAt || since(sweptAt, at) === Number.POSITIVE_INFINITY;
}

/** True if history begins earlier than at the last full scan, or is unlimited now. */
function hasMoreHistory({ keptFrom }: StreamState, { historyDay }: ReadSettings): boolean {
  return keptFrom !== undefined && (historyDay === undefined || historyDay < keptFrom);
}

/** The read of a collection that is due: a full scan, else an incremental read by order or by window. */
export function planCollection(
  stream: CollectionStream,
  partitions: readonly Partition[],
  { state, at, settings, window: backfill }: PlanOptions,
): PlannedRead {
  const incremental = fromCut(
    partitions.filter(({ sweepOnly }) => !sweepOnly),
    state,
  );
  if (backfill) {
    const stretch = stream.window ? backfill : undefined;
    return { kind: 'window', partitions: incremental, window: stretch, tiers: [], backfill: true };
  }
  // The first tier is read at every run.
  const due = (settings.tiers ?? stream.tiers).filter((tier, n) => n === 0 || isTierDue(tier, state, at));
  const tiers = due.map(({ back }) => back);
  const reach = scanReach({ stream, settings, at });
  const sweep: PlannedRead = { kind: 'sweep', partitions, window: reach, tiers };
  // A scan that was cut before its source required windows has none to continue in.
  const isUsable = state.resume?.kind === 'sweep' && (!reach || state.resume.window !== undefined);
  if (state.resume && isUsable) return { ...sweep, resume: state.resume };
  if (stream.alwaysSweep || isSweepDue(state, at) || hasMoreHistory(state, settings)) return sweep;
  // A read that was cut left records unread below the point that it reached.
  const until = Math.min(at - Math.max(...due.map((tier) => durationMs(tier.back))), state.resume?.from ?? at);
  const { required, cap } = stream.window ?? {};
  const showsAll = required === undefined && cap === undefined;
  if (state.order !== undefined && state.order !== 'none' && showsAll)
    return { kind: 'newest', partitions: incremental, until, tiers };
  // Without a verified order the vendor's filter helps, if it has one. A day's overlap covers its column and time zone.
  if (!stream.window) return sweep;
  const window = { from: new Date(until - DAY_MS), ...(required && { to: new Date(at) }) };
  return { kind: 'window', partitions: incremental, until, window, tiers };
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

/** Lists the partitions of a stream, once more for each stream by whose records it turns out to list them. */
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
