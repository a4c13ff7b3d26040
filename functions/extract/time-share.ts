import type { Ports } from '../ports.ts';
import type { StreamResult } from '../results.ts';

/** How the time of a run is shared among its streams, so that none takes all of it each time. */
export interface TimeShare {
  /** Time that must be left to send another request, ms. */
  readonly reserveMs: () => number;
  /** Gives the next stream half of what is left, or all of it if no other one waits. */
  share(isLast: boolean): void;
}

/** @param reserveMs time that is kept for the last commit, ms */
export function timeShare({ remainingMs }: Pick<Ports, 'remainingMs'>, reserveMs: number): TimeShare {
  let others = 0;
  return {
    reserveMs: () => reserveMs + others,
    share(isLast) {
      others = 0;
      const left = remainingMs() - reserveMs;
      if (!isLast && left > 0 && left < Number.POSITIVE_INFINITY) others = left / 2;
    },
  };
}

/** What two turns of a stream came to. */
export function withEarlier(before: StreamResult | undefined, after: StreamResult): StreamResult {
  const sum = (of: 'requests' | 'records' | 'changed' | 'deleted' | 'rejected') => (before?.[of] ?? 0) + after[of];
  const counts = { records: sum('records'), changed: sum('changed'), deleted: sum('deleted') };
  return { ...after, ...counts, requests: sum('requests'), rejected: sum('rejected') };
}
