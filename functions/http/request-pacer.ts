/** Spaces the requests of one account evenly, so that a server's short window never sees a burst. */
export interface RequestPacer {
  /** Resolves when the next request may be sent. */
  take(): Promise<void>;
  /** Milliseconds that `take` would wait now. */
  readonly waitMs: () => number;
  /** Halves the rate after a 429 (at most one halving per second; floor 0.1 requests/s). */
  halve(): void;
  /** Raises the rate by 0.5 % of its start after a good answer, up to the start. */
  ease(): void;
  /** Sends nothing for this long. */
  pause(ms: number): void;
}

/** Where time comes from. */
export interface PacerClock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const SLOWEST_RPS = 0.1;
const EASE_SHARE = 0.005;
const HALVE_EVERY_MS = 1000;

/** A pacer that begins at `maxRps` requests per second. */
export function requestPacer(maxRps: number, { now, sleep }: PacerClock): RequestPacer {
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
      // The vendor may have asked for a pause while this request waited.
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
