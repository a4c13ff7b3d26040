import type { EmptyDays } from '../../lake/digest/digest-entry.ts';
import type { Partition } from '../../source/page.ts';
import type { DailyStream } from '../../source/source.ts';
import { DAY_MS, dayOf, durationMs } from '../../time.ts';
import type { Siblings } from '../session/sibling-records.ts';
import { compare, isTierDue, leaveFailedToTheEnd, type PlannedRead, type PlanOptions, since } from './plan.ts';

/**
 * Ranges of days, up to now and the newest first: of partitions that were read before, the longest due tier; of the others, and
 * of those that were not read back to the first day of history, also what is missing of it. Years that showed no figures come last.
 */
export function planDaily(
  stream: DailyStream,
  all: readonly Partition[],
  options: PlanOptions,
): readonly PlannedRead[] {
  const { digest, at, settings, state, window } = options;
  // Those that have waited longest come first, so that each has its turn even if every run is cut.
  const readAt = ({ id }: Partition) => digest.cursors.get(id)?.readAt ?? Number.NEGATIVE_INFINITY;
  const waiting = all.toSorted((one, other) => compare(readAt(one), readAt(other)));
  const partitions = leaveFailedToTheEnd(waiting, state);
  if (window) return [{ kind: 'days', partitions, window, tiers: [], backfill: true }];
  const due = (settings.tiers ?? stream.tiers).filter((tier) => isTierDue(tier, state, at));
  const reach = at - Math.max(0, ...due.map((tier) => durationMs(tier.back)));
  const first = firstDay(stream, options, reach);
  const readFrom = ({ id }: Partition) => digest.cursors.get(id)?.readFrom;
  // A partition that was never requested is due at once. The others are due with a tier, even if the vendor had no figures for them.
  const candidates = due.length > 0 ? partitions : partitions.filter(({ id }) => !digest.cursors.has(id));
  // An answer without figures may be wrong. While none are known, the partition is read from the beginning, which takes as many requests.
  const live = digest.counts().live;
  const hasFigures = ({ id }: Partition) => (live.get(stream.partitions ? id : undefined) ?? 0) > 0;
  const isKnown = (partition: Partition) => readFrom(partition) !== undefined && hasFigures(partition);
  const known = candidates.filter(isKnown);
  const unread = candidates.filter((partition) => !isKnown(partition));
  const start = Math.max(first, dayOf(at) - RANGE_DAYS + 1);
  const reads: PlannedRead[] = [
    daysOf(unread, { window: { from: new Date(start * DAY_MS), to: new Date(at) } }),
    daysOf(known, { window: { from: new Date(reach), to: new Date(at) } }),
  ];
  const lastMissing = (partition: Partition) => (readFrom(partition) ?? start) - 1;
  for (const end of new Set(candidates.map(lastMissing))) {
    const missing = candidates.filter((partition) => lastMissing(partition) === end);
    for (const range of yearsBack(end, first, at)) reads.push(daysOf(missing, range));
  }
  reads.push(...secondLooks(candidates, options));
  const planned = reads.filter((read) => read.partitions.length > 0);
  // Tiers stay due until history is complete too.
  return planned.map((read, n) => (n < planned.length - 1 ? read : { ...read, tiers: due.map((tier) => tier.back) }));
}

/** Requests years without figures a second time, at least a day after the first, because the first answer may have been wrong. */
function* secondLooks(partitions: readonly Partition[], { digest, at }: PlanOptions): Iterable<PlannedRead> {
  const spans = new Map<string, { readonly days: EmptyDays; readonly own: Partition[] }>();
  for (const partition of partitions) {
    const { empty } = digest.cursors.get(partition.id) ?? {};
    if (!empty || since(empty.readAt, at) < DAY_MS) continue;
    const span = `${empty.from} ${empty.to}`;
    const { own } = spans.get(span) ?? { own: [] };
    spans.set(span, { days: empty, own: [...own, partition] });
  }
  for (const { days, own } of spans.values())
    for (const range of yearsBack(days.to, days.from, at)) yield { ...daysOf(own, range), isSecondLook: true };
}

function daysOf(partitions: readonly Partition[], range: DayRange): PlannedRead {
  return { kind: 'days', partitions, ...range, tiers: [] };
}

/** The first day that could matter, days since the epoch. @param reach start of the longest due tier, ms */
function firstDay(stream: DailyStream, { siblings, settings, at }: PlanOptions, reach: number): number {
  const day = settings.historyDay ?? earliestDay(stream, siblings, at);
  return Math.max(Math.min(day, dayOf(reach)), dayOf(at) - LONGEST_HISTORY_DAYS);
}

/** The earliest record of the streams that say where history begins. Where one knows nothing: a year ago, which is one request. */
function earliestDay({ historyFrom }: DailyStream, { earliestDayOf }: Siblings, at: number): number {
  const days = historyFrom.map((name) => earliestDayOf(name) ?? dayOf(at) - RANGE_DAYS + 1);
  return Math.min(dayOf(at), ...days);
}

const RANGE_DAYS = 366;
/** A garbled creation date must not cause a thousand requests. */
const LONGEST_HISTORY_DAYS = 20 * RANGE_DAYS;

/** See the fields of a planned read. */
type DayRange = Pick<PlannedRead, 'window' | 'lastDay'>;

/**
 * Each range is requested with the day after it: a vendor may leave the last day out, or count it up to its midnight only.
 * @param end last day; @param first first day, days since the epoch
 */
function* yearsBack(end: number, first: number, at: number): Iterable<DayRange> {
  for (let lastDay = end; lastDay >= first; lastDay -= RANGE_DAYS - 1) {
    const from = new Date(Math.max(first, lastDay - RANGE_DAYS + 2) * DAY_MS);
    yield { window: { from, to: new Date(Math.min(lastDay + 1, dayOf(at)) * DAY_MS) }, lastDay };
  }
}
