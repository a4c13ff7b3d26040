import { MINUTE_MS, steadyClock } from '../time.ts';
import type { AnswerHeaders, VendorAnswer } from './vendor-answer.ts';

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
export function requestPacer(maxRps: number, { sleep, ...clock }: PacerClock): RequestPacer {
  const now = steadyClock(clock.now);
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

const MOST_TRIES = 8;
/** If a server does not answer at all, further tries would show nothing new. */
const MOST_TRIES_UNREACHABLE = 5;
const UNREACHABLE = /^(?:PROXY_)?(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH)$/;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 8000;

/** If a vendor asks to wait longer than this, ms, the run leaves it alone until the next one. */
export const LONGEST_WAIT_MS = 300_000;

/** Number of tries for a failure with this code, the first one included. */
export function mostTries(code: string | undefined): number {
  return code !== undefined && UNREACHABLE.test(code) ? MOST_TRIES_UNREACHABLE : MOST_TRIES;
}

/**
 * Time to wait after a failed try: random between 0 and 250 ms × 2^tries, at most 8 s ("full jitter").
 * @param tries failed tries so far, from 1
 * @param random uniform in [0, 1)
 * @returns milliseconds
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/}
 */
export function backoffMs(tries: number, random: () => number): number {
  return random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** tries);
}

/**
 * Time that a `Retry-After` header asks to wait. It is a number of seconds or an HTTP date; fractions of seconds are accepted too,
 * because some servers send them.
 * @param now the clock, ms
 * @returns milliseconds; undefined if there is no header, it has neither form, or the date is past
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3}
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,30}(\.\d+)?$/.test(text)) return positive(Number(text) * 1000);
  if (!/^[A-Za-z]{3}/.test(text)) return undefined;
  return positive(Date.parse(text) - now);
}

/**
 * Time to pause because the vendor's own counter says that no request is left.
 * `X-RateLimit-*` was never standardized: `Reset` is an epoch in seconds or ms, or a number of seconds, as in the IETF draft. Without
 * `Reset` we wait one share of a minute, because Laravel counts per minute.
 * @param now the clock, ms
 * @returns milliseconds; undefined if there is no reason to pause
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/}
 * @see {@link https://laravel.com/docs/routing#rate-limiting}
 */
export function rateLimitPauseMs(headers: AnswerHeaders, now: number): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() || undefined;
  if (remaining === undefined || !(Number(remaining) <= 0)) return undefined;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  if (reset > 1e11) return positive(reset - now);
  if (reset > 1e9) return positive(reset * 1000 - now);
  if (reset > 0) return reset * 1000;
  const limit = Number(headers.get('x-ratelimit-limit') ?? Number.NaN);
  return limit > 0 ? MINUTE_MS / limit : undefined;
}

/** True for 429, and for the 403 that some vendors answer instead: it asks to wait, or says that no request is left. */
export function isRateLimit({ status, headers }: Pick<VendorAnswer, 'status' | 'headers'>): boolean {
  return (
    status === 429 ||
    (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining')?.trim() === '0'))
  );
}

function positive(ms: number): number | undefined {
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
