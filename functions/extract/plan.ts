import { durationMs } from '../settings.ts';
import type { DaysStream, Known, List, ListingStream, RotationStream, Stream, Tier, Window } from '../source.ts';
import { DAY_MS, dayOf } from '../time.ts';
import type { Digest } from './digest.ts';
import type { StreamState } from './state.ts';

/** One way over some lists of a stream, decided before anything is asked. */
export interface Pass {
  /** `sweep`: all of everything; `head`: newest first down to `until`; `window`: by the vendor's filter; `cursors`: each list by its own cursor; `days`: figures of a range of days. */
  readonly kind: 'sweep' | 'head' | 'window' | 'cursors' | 'days';
  readonly lists: readonly List[];
  readonly window?: Window;
  /** How far back a head pass or a window reads at least, ms. */
  readonly until?: number;
  /** Where a pass that was cut goes on. */
  readonly resume?: { readonly list: string; readonly page: number };
  /** Tiers that are read once this pass is through, by reach. */
  readonly tiers: readonly string[];
  /** Read on request: the schedule's own marks stay as they are. */
  readonly backfill?: boolean;
}

/** What a plan is made from. */
export interface PlanOptions {
  readonly stream: Stream;
  readonly state: StreamState;
  readonly digest: Digest;
  readonly known: Known;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  /** Settings of the source. */
  readonly tiers?: readonly Tier[];
  readonly historyStart?: number;
  /** A backfill reads this and leaves the schedule alone. */
  readonly window?: Required<Window>;
}

/** The passes that are due at `at`. Windows come from the scheduled time, never from a clock. */
export function planPasses(options: PlanOptions): readonly Pass[] {
  const { stream } = options;
  const lists = [...(stream.lists?.(options.known) ?? [{ id: 'all', context: {} }])];
  if (stream.plan === 'listing') return [planListing(stream, lists, options)];
  if (stream.plan === 'rotation') return planRotation(stream, lists, options);
  return planDays(stream, lists, options);
}

/** A mark this far ahead was set by a run at a wrong time, and would hold the schedule back until then. */
const FAR_MS = 30 * DAY_MS;

/** Time since a mark was set; without end where there is none, or one that cannot be right. */
function since(mark: number | undefined, at: number): number {
  return mark === undefined || mark - at > FAR_MS ? Number.POSITIVE_INFINITY : at - mark;
}

/** The first tier is due at every run, the others by their time. */
function dueTiers(tiers: readonly Tier[], { state, at }: PlanOptions): readonly Tier[] {
  return tiers.filter(({ every, back }, n) => n === 0 || since(state.tiers[back], at) >= durationMs(every));
}

/** Everything is read at first, then when it is due. */
function isSweepDue({ sweptAt, sweepDueAt = 0 }: StreamState, at: number): boolean {
  return at >= sweepDueAt || since(sweptAt, at) === Number.POSITIVE_INFINITY;
}

function planListing(stream: ListingStream, lists: readonly List[], options: PlanOptions): Pass {
  const { state, at, historyStart, window } = options;
  const due = dueTiers(options.tiers ?? stream.tiers, options);
  const tiers = due.map(({ back }) => back);
  const byDirection = lists.filter(({ sweepOnly }) => !sweepOnly);
  if (window)
    return {
      kind: 'window',
      lists: byDirection,
      window: stream.filters ? window : undefined,
      tiers: [],
      backfill: true,
    };
  const everything: Pass = {
    kind: 'sweep',
    lists,
    window: stream.filters && historyStart !== undefined ? { from: new Date(historyStart) } : undefined,
    tiers,
  };
  if (state.resume?.kind === 'sweep') return { ...everything, resume: state.resume };
  if (stream.always || isSweepDue(state, at)) return everything;
  // Below what a cut pass has read there may be records that are still unread.
  const until = Math.min(at - Math.max(...due.map((tier) => durationMs(tier.back))), state.resume?.from ?? at);
  if (state.order !== undefined && state.order !== 'none') return { kind: 'head', lists: byDirection, until, tiers };
  // The order is unknown or proved wrong: the filter on time helps where there is one, with a day's overlap for its column and zone.
  if (!stream.filters) return everything;
  return { kind: 'window', lists: byDirection, until, window: { from: new Date(until - DAY_MS) }, tiers };
}

/** Lists of fresh or changed parents, and as many others as the time since the last run asks for, the longest unread first. */
function planRotation(
  stream: RotationStream,
  lists: readonly List[],
  { state, digest, known, at, window }: PlanOptions,
): readonly Pass[] {
  const parents = known.entries(stream.parent);
  const freshDay = dayOf(at - durationMs(stream.fresh));
  const due: List[] = [];
  const waiting: { readonly list: List; readonly ago: number }[] = [];
  for (const list of lists) {
    const cursor = digest.cursors.get(list.id);
    const parent = parents.get(list.id);
    const inWindow =
      window && parent && parent.p >= dayOf(window.from.getTime()) && parent.p <= dayOf(window.to.getTime());
    if (window) {
      if (inWindow) due.push(list);
      continue;
    }
    if (!cursor || cursor.v !== parent?.h || (parent?.p ?? 0) >= freshDay) due.push(list);
    else waiting.push({ list, ago: since(cursor.r, at) });
  }
  waiting.sort((a, b) => (a.ago === b.ago ? 0 : b.ago - a.ago));
  // Six of seven days' worth of pace leaves a day for runs that fail.
  const pace = (durationMs(stream.within) * 6) / 7;
  const share = Math.min(1, Math.max(0, since(state.ranAt ?? at, at)) / pace);
  const quota = Math.ceil(waiting.length * share);
  const rotating = waiting.slice(0, quota).map(({ list }) => list);
  return [{ kind: 'cursors', lists: [...due, ...rotating], tiers: [], backfill: window !== undefined }];
}

/** Ranges of whole days: all of history for a list never read, the widest due tier for the others. */
function planDays(stream: DaysStream, lists: readonly List[], options: PlanOptions): readonly Pass[] {
  const { digest, known, at, historyStart, window } = options;
  if (window) return [{ kind: 'days', lists, window, tiers: [], backfill: true }];
  const to = new Date(at);
  const due = (options.tiers ?? stream.tiers).filter(
    ({ every, back }) => since(options.state.tiers[back], at) >= durationMs(every),
  );
  const back = Math.max(0, ...due.map((tier) => durationMs(tier.back)));
  const unread = lists.filter(({ id }) => !digest.cursors.has(id));
  const read = due.length === 0 ? [] : lists.filter(({ id }) => digest.cursors.has(id));
  const history = historyStart ?? earliestDay(stream, known) ?? at - back;
  const passes: Pass[] = [];
  if (unread.length > 0) {
    for (const range of yearsBetween(Math.max(Math.min(history, at - back), at - LONGEST_HISTORY_MS), at))
      passes.push({ kind: 'days', lists: unread, window: range, tiers: [] });
  }
  if (read.length > 0) passes.push({ kind: 'days', lists: read, window: { from: new Date(at - back), to }, tiers: [] });
  const last = passes.pop();
  return last ? [...passes, { ...last, tiers: due.map((tier) => tier.back) }] : [];
}

function earliestDay(stream: DaysStream, { entries }: Known): number | undefined {
  let least: number | undefined;
  for (const name of stream.since)
    for (const [, { p }] of entries(name)) if (least === undefined || p < least) least = p;
  return least === undefined ? undefined : least * DAY_MS;
}

const RANGE_DAYS = 366;
/** One garbled date of creation must not make a thousand questions. */
const LONGEST_HISTORY_MS = 20 * RANGE_DAYS * DAY_MS;

function* yearsBetween(from: number, to: number): Iterable<Required<Window>> {
  for (let start = from; ; start += RANGE_DAYS * DAY_MS) {
    const isLast = start + RANGE_DAYS * DAY_MS > to;
    yield { from: new Date(start), to: new Date(isLast ? to : start + (RANGE_DAYS - 1) * DAY_MS) };
    if (isLast) return;
  }
}
