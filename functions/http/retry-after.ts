/**
 * Milliseconds a `Retry-After` asks to wait: seconds, or an HTTP date.
 * @returns undefined where there is none, or it is neither, or it lies in the past
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return positive(Number(text) * 1000);
  if (!/^[A-Za-z]{3}/.test(text)) return undefined;
  return positive(Date.parse(text) - now);
}

/**
 * Milliseconds to hold back because the vendor's own counter says that nothing is left.
 * `X-RateLimit-Reset` is an epoch in seconds or milliseconds, or seconds to go; without it one share of a minute is waited (Laravel counts per minute).
 */
export function rateLimitPauseMs(headers: Headers, now: number): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() || undefined;
  if (remaining === undefined || !(Number(remaining) <= 0)) return undefined;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  if (reset > 1e11) return positive(reset - now);
  if (reset > 1e9) return positive(reset * 1000 - now);
  if (reset > 0) return reset * 1000;
  const limit = Number(headers.get('x-ratelimit-limit') ?? Number.NaN);
  return limit > 0 ? 60_000 / limit : undefined;
}

function positive(ms: number): number | undefined {
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
