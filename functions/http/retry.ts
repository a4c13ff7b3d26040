const MOST_TRIES = 8;
/** If nobody answers at all, more tries tell no more. */
const MOST_TRIES_UNREACHABLE = 5;
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH)$/;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 8000;

/** If a vendor asks for more patience than this, it is left alone until the next run, ms. */
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
