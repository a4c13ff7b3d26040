import { durationMs } from '../../settings.ts';
import type { CollectionStream, Partition } from '../../source/source.ts';
import { DAY_MS } from '../../time.ts';
import { isSweepDue, isTierDue } from './due.ts';
import type { PlannedRead, PlanOptions } from './plan.ts';

/** The read of a collection that is due: a full scan, else an incremental read by order or by window. */
export function planCollection(
  stream: CollectionStream,
  partitions: readonly Partition[],
  { state, at, settings, window }: PlanOptions,
): PlannedRead {
  const incremental = partitions.filter(({ sweepOnly }) => !sweepOnly);
  if (window) {
    const stretch = stream.filters ? window : undefined;
    return { kind: 'window', partitions: incremental, window: stretch, tiers: [], backfill: true };
  }
  // The first tier is read at every run.
  const due = (settings.tiers ?? stream.tiers).filter((tier, n) => n === 0 || isTierDue(tier, state, at));
  const tiers = due.map(({ back }) => back);
  const sweep: PlannedRead = { kind: 'sweep', partitions, window: sweepWindow(stream, settings.historyDay), tiers };
  if (state.resume?.kind === 'sweep') return { ...sweep, resume: state.resume };
  if (stream.alwaysSweep || isSweepDue(state, at)) return sweep;
  // A read that was cut left records unread below the point that it reached.
  const until = Math.min(at - Math.max(...due.map((tier) => durationMs(tier.back))), state.resume?.from ?? at);
  if (state.order !== undefined && state.order !== 'none')
    return { kind: 'newest', partitions: incremental, until, tiers };
  // Without a verified order the vendor's filter helps, if it has one. A day's overlap covers its column and time zone.
  if (!stream.filters) return sweep;
  return { kind: 'window', partitions: incremental, until, window: { from: new Date(until - DAY_MS) }, tiers };
}

function sweepWindow({ filters }: CollectionStream, historyDay: number | undefined) {
  return filters && historyDay !== undefined ? { from: new Date(historyDay * DAY_MS) } : undefined;
}
