import type { Ports } from '../ports.ts';

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
