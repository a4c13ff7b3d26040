// Made calls, the same for the same number.
export const CALLS = { source: 'kismet', account: 'default', stream: 'calls' };
export const LOGS = { ...CALLS, stream: 'call_audit_logs' };
export const AT = Date.parse('2026-11-01T09:00:00Z');
const DAY_MS = 86_400_000;
export const USER = '101';

/** A made key, as a vendor's: the same for the same number. */
export const nameOf = (n) => `${n.toString(16).padStart(8, '0')}-7c1e-4b52-9d3f-0a6b5c4d3e2f`;
export const entryOf = (n) => ({
  contentHash: `hash-of-22-characters${n % 10}`,
  partOn: Math.floor(AT / DAY_MS) - 1 - (n % 700),
  firstSeenAt: AT - n * 1000,
  group: USER,
});
/** Each log was read a minute ago. */
export const cursorOf = (n) => ({
  readAt: AT - 60_000,
  newestDay: entryOf(n).partOn,
  parentHash: entryOf(n).contentHash,
});
