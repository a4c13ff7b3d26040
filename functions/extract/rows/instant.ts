import { kindOf } from '../../../schemas/json-text.ts';
import { parseRfc2822 } from '../../rfc2822.ts';
import { DAY_MS, type ParsedInstant, parseDay, parseInstant } from '../../time.ts';
import { toDouble } from './numbers.ts';

/** Go, .NET, SQL and C write "no time" as the first instant they know; no call is as old. */
const NO_TIME = 'an instant in 1970-01-01 or before, which means none';
const PLAIN_DATE = 'a number that is a date or a count, not an epoch';
const YEAR_10000_MS = 253_402_300_800_000;
/** Seconds up to here (March 1973) are counts, or days such as 20261101. */
const LEAST_EPOCH = 1e8;

/**
 * Reads an instant: ISO 8601 or RFC 2822 text, or an epoch, in seconds below 10^11, milliseconds below 10^14, else microseconds
 * (the vendors mix units).
 * @returns the reason, which quotes nothing, for what is no instant
 */
export function toInstant(value: unknown): ParsedInstant | string {
  const unlike = `${kindOf(value)} where an instant is expected`;
  if (typeof value === 'string' && !/^-?\d{9,17}(\.\d+)?$/.test(value.trim()))
    return within(parseInstant(value.trim()) ?? parseRfc2822(value), unlike);
  const epoch = toDouble(value);
  if (epoch === undefined) return unlike;
  if (epoch <= 0) return NO_TIME;
  if (epoch < LEAST_EPOCH || isPlainDate(epoch)) return PLAIN_DATE;
  const unit = epoch < 1e11 ? 1_000_000 : epoch < 1e14 ? 1000 : 1;
  // Whole microseconds first: a fraction of a second times a thousand falls short of its milliseconds.
  return within({ ms: Math.floor(Math.round(epoch * unit) / 1000), zoned: true }, unlike);
}

function within(parsed: ParsedInstant | undefined, unlike: string): ParsedInstant | string {
  if (parsed === undefined || parsed.ms >= YEAR_10000_MS) return unlike;
  return parsed.ms < DAY_MS ? NO_TIME : parsed;
}

/**
 * True for a day and a time as one number: YYYYMMDDHHMM, YYYYMMDDHHMMSS or with milliseconds. As an epoch, such a number is in the
 * seventies, or after the year 2600.
 */
function isPlainDate(epoch: number): boolean {
  const match = /^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\d{3})?)?$/.exec(String(Math.trunc(epoch)));
  if (!match) return false;
  const [, year, month, day, hour, minute, second = '00'] = match;
  return (
    parseDay(`${year}-${month}-${day}`) !== undefined && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  );
}
