import type { ServerResponse } from 'node:http';

/** Counts a vendor's requests by the second of real time. */
export interface RateLimit {
  /** Counts one request; true where it is one too many. */
  isOver(): boolean;
  /** Laravel says on every answer how much is left, this request included. */
  writeHeaders(response: ServerResponse): void;
}

/** Makes a limit of so many requests per second. */
export function createRateLimit(perSecond: number): RateLimit {
  let second = 0;
  let used = 0;
  const turn = (): void => {
    const current = Math.floor(performance.now() / 1000);
    if (current !== second) used = 0;
    second = current;
  };
  return {
    isOver() {
      turn();
      used += 1;
      return used > perSecond;
    },
    writeHeaders(response) {
      turn();
      response.setHeader('X-RateLimit-Limit', String(perSecond));
      response.setHeader('X-RateLimit-Remaining', String(Math.max(0, perSecond - used - 1)));
    },
  };
}
