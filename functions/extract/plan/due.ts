import type { StreamState } from '../../lake/stream-state.ts';
import { durationMs } from '../../settings.ts';
import type { Tier } from '../../source/source.ts';
import { DAY_MS } from '../../time.ts';

/** A mark this far in the future was set by a run with a wrong time, and would silence the schedule until then. */
const FAR_MS = 30 * DAY_MS;

/** Milliseconds since a mark was set; infinite if there is none, or if it cannot be right. */
export function since(mark: number | undefined, at: number): number {
  return mark === undefined || mark - at > FAR_MS ? Number.POSITIVE_INFINITY : at - mark;
}

/** True if the tier was last read so long ago that it is due. */
export function isTierDue({ every, back }: Tier, { tiers }: StreamState, at: number): boolean {
  return since(tiers[back], at) >= durationMs(every);
}

/** True if a full scan is due: at first, then at the time that the last one set. */
export function isSweepDue({ sweptAt, sweepDueAt = 0 }: StreamState, at: number): boolean {
  return at >= sweepDueAt || since(sweptAt, at) === Number.POSITIVE_INFINITY;
}
