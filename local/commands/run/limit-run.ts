import type { Ports } from '../../../functions/ports.ts';
import { HOUR_MS, MINUTE_MS, steadyClock } from '../../../functions/time.ts';
import { boundedPorts } from '../../ports/bounded-ports.ts';

/** An account that commits nothing for this long is cut: its vendor hangs, or asks for endless patience. */
export const IDLE_MS = 15 * MINUTE_MS;
/** A run ends after this long, unless the setting `timeLimit` says otherwise. */
export const LONGEST_MS = HOUR_MS;

/**
 * Ports of the run of one account on this machine, where no platform ends a run that hangs. The run ends after an hour, but not while a
 * stream is read for the first time; and after 15 minutes in which it committed nothing, also if its store or its secrets do not answer.
 * Like every end of time, this is exit code 6, and the next run continues.
 * @param hourLeftMs what is left of that hour, ms @default no end, because the ports have a limit of their own
 */
export function limitRun(ports: Ports, hourLeftMs: () => number = () => Number.POSITIVE_INFINITY): Ports {
  const now = steadyClock(ports.now);
  let isFirstLoad = false;
  let committedAt = now();
  const idleMs = () => committedAt + IDLE_MS - now();
  const runMs = () => (isFirstLoad ? Number.POSITIVE_INFINITY : hourLeftMs());
  const remainingMs = () => Math.min(ports.remainingMs(), idleMs(), runMs());
  const outOfTime = () => {
    if (idleMs() < Math.min(ports.remainingMs(), runMs())) return 'nothing was committed for 15 minutes';
    if (runMs() < ports.remainingMs()) return 'the run has taken an hour (the setting timeLimit sets another limit)';
    return 'the time of this run is used up';
  };
  return {
    ...boundedPorts(ports, { remainingMs, why: outOfTime }),
    remainingMs,
    outOfTime,
    onProgress(isFirst) {
      isFirstLoad = isFirst;
      committedAt = now();
    },
  };
}
