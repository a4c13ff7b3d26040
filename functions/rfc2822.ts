import { HOUR_MS, MINUTE_MS, type ParsedInstant, parseInstant } from './time.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Zones that RFC 2822 names, in hours from UTC. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ gmt: 0, ut: 0, utc: 0, z: 0 },
  ...{ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
};
const FORM =
  /^(?:([a-z]{3}), ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d{2}:\d{2})(:\d{2})?(?: ([+-]\d{4}|[a-z]{1,3}))?(?: \([^()]*\))?$/;
/** Longer texts are of another form; the bound keeps a megabyte from being searched. */
const MOST_LETTERS = 80;

/**
 * Parses the date of RFC 2822 (and of HTTP), such as `Tue, 10 Nov 2026 09:00:00 +0000`.
 * @returns undefined if the text has another form, or no such day, time or zone exists, or the day of the week is another one
 * @see {@link https://www.rfc-editor.org/rfc/rfc2822#section-3.3}
 */
export function parseRfc2822(text: string): ParsedInstant | undefined {
  if (text.length > MOST_LETTERS) return undefined;
  const match = FORM.exec(text.trim().replace(/\s+/g, ' ').toLowerCase());
  if (!match) return undefined;
  const [, weekday, day = '', month = '', year, time, second = ':00', zone] = match;
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  const local = parseInstant(`${year}-${number}-${day.padStart(2, '0')}T${time}${second}`)?.ms;
  const offset = offsetMs(zone);
  if (local === undefined || offset === undefined) return undefined;
  if (weekday !== undefined && DAYS[new Date(local).getUTCDay()] !== weekday) return undefined;
  return { ms: local - offset, zoned: zone !== undefined };
}

/** Offset from UTC, ms; undefined for a zone that is none. */
function offsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined) return 0;
  if (/^[a-z]/.test(zone)) {
    const hours = ZONES[zone];
    return hours === undefined ? undefined : hours * HOUR_MS;
  }
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))];
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}
