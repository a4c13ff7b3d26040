export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Beginning of the year 1. Tables hold instants from then up to {@link YEAR_10000_MS}. */
export const YEAR_1_MS = -62_135_596_800_000;
export const YEAR_10000_MS = 253_402_300_800_000;

/** The UTC day of an instant. @param ms since the epoch @returns days since the epoch */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `YYYY-MM-DD`. @param day days since the epoch */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** True if a day is one of those from one instant to another. @param day days since the epoch */
export function isWithin(day: number, { from, to }: { readonly from: Date; readonly to: Date }): boolean {
  return day >= dayOf(from.getTime()) && day <= dayOf(to.getTime());
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)(?:\[[\w+/-]{1,40}\])?)?)?$/;

/** An instant read from text. */
export interface ParsedInstant {
  /** Milliseconds since the epoch; further digits are cut off. */
  readonly ms: number;
  /** False if the text has no zone, so that UTC was assumed. */
  readonly zoned: boolean;
}

/**
 * Parses ISO 8601 text: a day, or a day and a time, with or without a zone. A space in place of `T` is accepted too (RFC 3339), and so
 * is what Ruby (`2026-11-01 09:00:00 UTC`) and Java (`…-05:00[America/New_York]`) write. A leap second counts as the end of its minute, so that
 * it stays on its day; `24:00` is the beginning of the next one.
 * @returns undefined if the text has another form, or no such day or time exists
 * @see {@link https://www.iso.org/iso-8601-date-and-time-format.html}
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339#section-5.6}
 */
export function parseInstant(text: string): ParsedInstant | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const isLeap = second === '60' && minute === '59';
  const milli = isLeap ? 999 : Number(fraction.padEnd(3, '0').slice(0, 3));
  const isEnd = hour === '24' && /^0*$/.test(`${minute}${second}${fraction}`);
  const time = isEnd ? ['23', '59', '59'] : [hour, minute, isLeap ? '59' : second];
  const ms = utcMs([year, month, day, ...time].map(Number), isEnd ? 1000 : milli);
  const offset = offsetMs(zone);
  if (ms === undefined || offset === undefined) return undefined;
  return { ms: ms - offset, zoned: zone !== undefined };
}

/** Parses `YYYY-MM-DD`. @returns days since the epoch; undefined if there is no such day */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = utcMs([...text.split('-').map(Number), 0, 0, 0], 0);
  return ms === undefined ? undefined : dayOf(ms);
}

/** Milliseconds since the epoch; undefined if there is no such day or time. `Date.UTC` would accept February 30. */
function utcMs(
  [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[],
  milli: number,
): number | undefined {
  if (year < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  const isReal = at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  at.setUTCHours(hour, minute, second, milli);
  return isReal ? at.getTime() : undefined;
}

/** Offset from UTC, ms, of `Z`, `+01:00`, `+0100` or `+01`; undefined if it is out of range. */
function offsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined || /^[A-Z]/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** True for a duration such as `15m`, `6h` or `3d`. */
export function isDuration(text: string): boolean {
  return /^[1-9]\d*[mhd]$/.test(text);
}

/** Milliseconds of `15m`, `6h`, `3d`. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? Number.NaN);
}

/**
 * A clock for durations, which never goes back: if the machine's clock is set back, it continues from where it was. Otherwise, whoever
 * waits for an instant would wait longer by as much as the clock was set back.
 */
export function steadyClock(now: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return () => {
    const at = now();
    if (at < last) lost += last - at;
    last = at;
    return at + lost;
  };
}

/**
 * Counts down from a duration, ms.
 * @param now the machine's clock, which may be set back meanwhile
 * @returns what is left, ms; below zero afterwards
 */
export function countdown(ms: number, now: () => number): () => number {
  const clock = steadyClock(now);
  const endAt = clock() + ms;
  return () => endAt - clock();
}

/** Node's timer, as a port. @returns a function that cancels it */
export function timer(ms: number, fire: () => void): () => void {
  const running = setTimeout(fire, ms);
  return () => clearTimeout(running);
}

/** A request with all its retries rarely takes longer. If there is more time between two pages, the process was suspended. */
const LONGEST_PAGE_MS = 15 * MINUTE_MS;

/**
 * Measures for how long a run reads, ms, without the time for which its process was suspended, such as on a laptop whose lid was closed.
 * @returns the time until now. It must be called at each page
 */
export function newReadingTime(clock: () => number): () => number {
  let spent = 0;
  let seen = clock();
  return () => {
    const now = clock();
    spent += Math.min(LONGEST_PAGE_MS, Math.max(0, now - seen));
    seen = now;
    return spent;
  };
}
