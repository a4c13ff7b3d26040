import { printable } from '../printable.ts';
import { weekdayOf } from './period.ts';

/** Names of the days, Monday first. */
export const WEEKDAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MOST_LETTERS = 40;
const KEPT_AT_THE_END = 10;

/** Shown for a value that no vendor gives. */
export const UNKNOWN = '–';

/** `1,234`. */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : Math.round(value).toLocaleString('en-US');
}

/** `3 calls`, `1 call`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `3 days`, `1 day`, `2.5 days`: a setting, with all its digits. */
export function daysText(days: number): string {
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

/** `87%`, `87.2%`. @param share 0 to 1 */
export function percent(share: number | null, digits = 0): string {
  return share === null ? UNKNOWN : `${(share * 100).toFixed(digits)}%`;
}

/** `7 s`, `7 min 5 s`, `25 min`, `2 h 05`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (whole < 600) return `${minutes} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
  const rounded = Math.round(whole / 60);
  if (rounded < 60) return `${rounded} min`;
  return `${Math.floor(rounded / 60)} h ${String(rounded % 60).padStart(2, '0')}`;
}

/** `$1,234`, `$0.47`. @param currency such as `USD`; null if it is not known */
export function money(value: number | null, currency: string | null): string {
  if (value === null) return UNKNOWN;
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (currency === null) return value.toLocaleString('en-US', options);
  return value.toLocaleString('en-US', { ...options, style: 'currency', currency });
}

/** `18 Jun`. @param day `YYYY-MM-DD` */
export function dayAndMonth(day: string): string {
  return `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
}

/** `Thu 18 Jun`. @param day `YYYY-MM-DD` */
export function weekdayAndDay(day: string): string {
  return `${WEEKDAY_NAMES[weekdayOf(day) - 1]} ${dayAndMonth(day)}`;
}

/** `Thu 18 Jun, 14:05` on the clinic's clock. */
export function instant(at: Date, timeZone: string): string {
  const { day, time } = clock(at, timeZone);
  return `${weekdayAndDay(day)}, ${time}`;
}

/** The clinic's day and time, `YYYY-MM-DD` and `HH:MM`. */
export function clock(at: Date, timeZone: string): { readonly day: string; readonly time: string } {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return { day: text.slice(0, 10), time: text.slice(11, 16) };
}

/** `4 h`, `2 days`: a length of time, rounded down. */
export function lag(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  if (hours < 1) return 'less than an hour';
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/**
 * A name from a vendor, as the page may show it: on one line, without characters that turn the reading order, and at most 40 letters. The end
 * is kept, because ids differ there.
 */
export function shortName(name: string): string {
  const letters = [...printable(name).trim()];
  if (letters.length === 0) return UNKNOWN;
  if (letters.length <= MOST_LETTERS) return letters.join('');
  const head = letters.slice(0, MOST_LETTERS - KEPT_AT_THE_END - 1).join('');
  return `${head}…${letters.slice(-KEPT_AT_THE_END).join('')}`;
}

/** A word of ours or of a vendor with blanks for underscores, e.g. `new appointment`. */
export function plain(word: string): string {
  return shortName(word.replaceAll('_', ' '));
}

/** `Kalem`: a source as a proper name. */
export function sourceName(source: string): string {
  return shortName(source.slice(0, 1).toUpperCase() + source.slice(1));
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
