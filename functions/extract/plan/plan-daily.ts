import type { Partition, Window } from '../../source/page.ts';
import type { DailyStream, SourceContext } from '../../source/source.ts';
import { DAY_MS, durationMs } from '../../time.ts';
import { isTierDue, type PlannedRead, type PlanOptions } from './plan.ts';

/** Ranges of days: all of history for a partition that was never read, the longest due tier for the others. */
export function planDaily(
  stream: DailyStream,
  partitions: readonly Partition[],
  { digest, siblings, at, settings, state, window }: PlanOptions,
): readonly PlannedRead[] {
  if (window) return [{ kind: 'days', partitions, window, tiers: [], backfill: true }];
  const due = (settings.tiers ?? stream.tiers).filter((tier) => isTierDue(tier, state, at));
  const back = Math.max(0, ...due.map((tier) => durationMs(tier.back)));
  const unread = partitions.filter(({ id }) => !digest.cursors.has(id));
  const read = due.length === 0 ? [] : partitions.filter(({ id }) => digest.cursors.has(id));
  const { historyDay } = settings;
  const history = historyDay === undefined ? (earliestDay(stream, siblings) ?? at - back) : historyDay * DAY_MS;
  const reads: PlannedRead[] = [];
  if (unread.length > 0) {
    const from = Math.max(Math.min(history, at - back), at - LONGEST_HISTORY_MS);
    for (const range of yearsBetween(from, at))
      reads.push({ kind: 'days', partitions: unread, window: range, tiers: [] });
  }
  if (read.length > 0)
    reads.push({ kind: 'days', partitions: read, window: { from: new Date(at - back), to: new Date(at) }, tiers: [] });
  const last = reads.pop();
  return last ? [...reads, { ...last, tiers: due.map((tier) => tier.back) }] : [];
}

function earliestDay({ historyFrom }: DailyStream, { recordsOf }: SourceContext): number | undefined {
  let least: number | undefined;
  for (const name of historyFrom)
    for (const [, { partOn }] of recordsOf(name)) if (least === undefined || partOn < least) least = partOn;
  return least === undefined ? undefined : least * DAY_MS;
}

const RANGE_DAYS = 366;
/** A garbled creation date must not cause a thousand requests. */
const LONGEST_HISTORY_MS = 20 * RANGE_DAYS * DAY_MS;

function* yearsBetween(from: number, to: number): Iterable<Required<Window>> {
  for (let start = from; ; start += RANGE_DAYS * DAY_MS) {
    const isLast = start + RANGE_DAYS * DAY_MS > to;
    yield { from: new Date(start), to: new Date(isLast ? to : start + (RANGE_DAYS - 1) * DAY_MS) };
    if (isLast) return;
  }
}
