/** Paces the requests of one account. */
export interface TokenBucket {
  /** Resolves when the next request may be sent. */
  take(): Promise<void>;
  /** Milliseconds until it may be, if it is taken now. */
  readonly waitMs: () => number;
  /** The vendor answered 429: half the rate, at most once a second. */
  halve(): void;
  /** The vendor answered well: the rate creeps back to its start. */
  ease(): void;
  /** Nothing is sent for this long. */
  pause(ms: number): void;
}

/** Where time comes from. */
export interface BucketClock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const SLOWEST_RPS = 0.1;
const EASE_SHARE = 0.005;
const HALVE_EVERY_MS = 1000;

/** A bucket that holds one token: requests are evenly spaced, so that a server's short window never sees a burst. */
export function tokenBucket(maxRps: number, { now, sleep }: BucketClock): TokenBucket {
  let rps = maxRps;
  let nextAt = 0;
  let pausedUntil = 0;
  let halvedAt = Number.NEGATIVE_INFINITY;

  return {
    async take() {
      const at = Math.max(now(), nextAt, pausedUntil);
      nextAt = at + 1000 / rps;
      const wait = at - now();
      if (wait > 0) await sleep(wait);
      // A request that waited its turn may find that the vendor has asked for a pause meanwhile.
      const pause = pausedUntil - now();
      if (pause > 0) await sleep(pause);
    },
    waitMs: () => Math.max(0, Math.max(nextAt, pausedUntil) - now()),
    halve() {
      if (now() - halvedAt < HALVE_EVERY_MS) return;
      halvedAt = now();
      rps = Math.max(SLOWEST_RPS, rps / 2);
    },
    ease() {
      rps = Math.min(maxRps, rps + maxRps * EASE_SHARE);
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
  };
}
