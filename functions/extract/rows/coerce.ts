import type { ColumnType, HashKind } from '../../../schemas/column.ts';
import { kindOf, listOf, RawNumber, toJsonText } from '../../../schemas/json-text.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import { normalWord } from '../../../schemas/safe-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import type { Reject } from '../../lake/commit.ts';
import { isBlank } from '../../lake/digest.ts';
import { parseRfc2822 } from '../../rfc2822.ts';
import { DAY_MS, type ParsedInstant, parseDay, parseInstant, YEAR_10000_MS } from '../../time.ts';
import { toBigInt, toDecimal, toDouble } from './numbers.ts';

/** Called with the reason if a value is not as expected. The value is null then, except for the reasons of {@link isKept}. */
export type Doubt = (reason: string) => void;

/** Reasons that refuse nothing: the value is kept. */
export const ASSUMED_UTC = 'no time zone, taken as UTC';
export const REPLACED = 'half a surrogate pair, replaced';

/** True if the value was kept in spite of the doubt. */
export function isKept(reason: string): boolean {
  return reason === ASSUMED_UTC || reason === REPLACED;
}

/** Turns a vendor's value (never null or undefined) into a column's. */
export type Coerce = (value: unknown, doubt: Doubt) => Value;

/** One tolerant coercion per type; what does not fit becomes null and a doubt. */
export const COERCE: Readonly<Record<ColumnType, Coerce>> = {
  text: (value, doubt) => {
    if (typeof value === 'string') return wellFormed(value, doubt);
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    return value instanceof RawNumber ? value.text : refuse(doubt, `${kindOf(value)} where text is expected`);
  },
  bigint: (value, doubt) => {
    const whole = toBigInt(value);
    if (whole === undefined) return refuse(doubt, `${kindOf(value)} where an integer is expected`);
    return BigInt.asIntN(64, whole) === whole ? whole : refuse(doubt, 'integer beyond 64 bits');
  },
  double: (value, doubt) => toDouble(value) ?? refuse(doubt, `${kindOf(value)} where a number is expected`),
  boolean: (value, doubt) => toBoolean(value) ?? refuse(doubt, `${kindOf(value)} where true or false is expected`),
  timestamp: (value, doubt) => {
    const instant = toInstant(value);
    if (typeof instant === 'string') return refuse(doubt, instant);
    if (!instant.zoned) doubt(ASSUMED_UTC);
    return instant.ms;
  },
  date: (value, doubt) => {
    const day = typeof value === 'string' ? readDay(value.trim()) : undefined;
    if (day === undefined) return refuse(doubt, `${kindOf(value)} where a day YYYY-MM-DD is expected`);
    return day <= 0 ? refuse(doubt, NO_DAY) : day;
  },
  decimal: (value, doubt) =>
    toDecimal(value) ?? refuse(doubt, `${kindOf(value)} where an amount below 10^12 is expected`),
  json: (value, doubt) => {
    try {
      return toJsonText(value, () => doubt(REPLACED));
    } catch {
      return refuse(doubt, 'JSON nested too deep');
    }
  },
  doubles: (value, doubt) => {
    const members = listOf(value);
    if (!members) return refuse(doubt, `${kindOf(value)} where a list of numbers is expected`);
    const list = members.map((member) => (member === null ? null : toDouble(member)));
    return list.includes(undefined) ? refuse(doubt, 'a member that is no number') : (list as (number | null)[]);
  },
};

function refuse(doubt: Doubt, reason: string): null {
  doubt(reason);
  return null;
}

/** Text as files and tables hold it: U+FFFD in place of a lone surrogate. Everything that is compared is compared in this form. */
function wellFormed(text: string, doubt: Doubt): string {
  if (text.isWellFormed()) return text;
  doubt(REPLACED);
  return text.toWellFormed();
}

/** Reads `true`, `false`, the same as text in any case, and 1 and 0, which is how MySQL stores them. */
function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return value === 1 ? true : value === 0 ? false : undefined;
  const word = value.trim();
  return /^(?:true|1)$/i.test(word) ? true : /^(?:false|0)$/i.test(word) ? false : undefined;
}

/** Go, .NET, SQL and C write "no time" as the first instant that they know. No call is that old. */
const NO_TIME = 'an instant in 1970-01-01 or before, which means none';
const NO_DAY = 'the day 1970-01-01 or one before, which means none';
const PLAIN_DATE = 'a number that is a date or a count, not an epoch';
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

/** A day, or the day of an instant as it is written. */
function readDay(text: string): number | undefined {
  return parseDay(parseInstant(text) ? text.slice(0, 10) : text);
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

/**
 * Says whether a record opts out, by the value of its flag's column. If the table names the word by which everything may be stored, every
 * other word opts out.
 * @param doubt gets the reason if a text is neither true nor false
 * @returns undefined if the flag is missing or unclear
 */
export function readOptOut({ optOut }: Pick<Table, 'optOut'>, value: Value, doubt: Doubt): boolean | undefined {
  const { keepIf = false } = optOut ?? {};
  if (typeof keepIf === 'string')
    return typeof value === 'string' && value.trim() !== '' ? normalWord(value) !== normalWord(keepIf) : undefined;
  const flag = value === null ? null : COERCE.boolean(value, doubt);
  return typeof flag === 'boolean' ? flag !== keepIf : undefined;
}

/** Counts refused and doubted values by table, column and reason; holds no value. */
export interface Rejects {
  /** @param refused false if the value was kept in spite of the doubt @default true */
  add(table: string, column: string, reason: string, refused?: boolean): void;
  /** Hands over the counts since the last call, and how many of them are values or rows that were refused. */
  take(): { readonly rejects: Reject[]; readonly refused: number };
}

/** An empty count. */
export function newRejects(): Rejects {
  const counts = new Map<string, { -readonly [K in keyof Reject]: Reject[K] }>();
  let refusals = 0;
  return {
    add(table, column, reason, refused = true) {
      const id = `${table}\u001f${column}\u001f${reason}`;
      const known = counts.get(id) ?? { table, column, reason, count: 0 };
      known.count += 1;
      counts.set(id, known);
      if (refused) refusals += 1;
    },
    take() {
      const taken = { rejects: [...counts.values()], refused: refusals };
      counts.clear();
      refusals = 0;
      return taken;
    },
  };
}

/** Says which way a call went; undefined for a word that says neither. */
type DirectionOf = (word: string) => 'inbound' | 'outbound' | undefined;

/** Reads the words of a table's direction: `inbound` and `outbound`, and those that the declaration names besides. */
export function directionReader({ callerNumber }: Pick<Table, 'callerNumber'>): DirectionOf {
  const { inbound = [], outbound = [] } = callerNumber?.words ?? {};
  const ways = new Map<string, 'inbound' | 'outbound'>();
  for (const word of ['inbound', ...inbound]) ways.set(normalWord(word), 'inbound');
  for (const word of ['outbound', ...outbound]) ways.set(normalWord(word), 'outbound');
  return (word) => ways.get(normalWord(word));
}

/** Counts calls that are neither inbound nor outbound: nobody can tell which of their numbers is the caller's. */
function directionChecker(table: Table, rejects: Rejects): (values: readonly Value[]) => void {
  const { direction } = table.callerNumber ?? {};
  if (direction === undefined) return () => {};
  const at = columnIndex(table)(direction);
  const directionOf = directionReader(table);
  return (values) => {
    const word = values[at];
    if (typeof word === 'string' && word.trim() !== '' && directionOf(word) === undefined)
      rejects.add(table.name, direction, UNKNOWN_DIRECTION, false);
  };
}

/** Counts rows whose caller or person is unknown, and rows without a value that another stream needs for its requests. */
export function rowChecker(table: Table, rejects: Rejects): (values: readonly Value[]) => void {
  const checkDirection = directionChecker(table, rejects);
  const { name, handsOn = [] } = table;
  const handed = handsOn.map((column) => ({ column, index: columnIndex(table)(column) }));
  const persons = Object.keys(table.columns).filter((column) => NAMES_PERSON.has(table.columns[column]?.hash));
  const named = persons.map((column) => ({ column, index: columnIndex(table)(column) }));
  return (values) => {
    checkDirection(values);
    for (const { column, index } of handed) {
      const value = values[index] ?? null;
      if (value === null || isBlank(value)) rejects.add(name, column, NOT_HANDED_ON, false);
    }
    for (const { column, index } of named) if (isBlank(values[index])) rejects.add(name, column, NAMES_NOBODY, false);
  };
}

/** Kinds of hashes by which the rows of one person are counted. */
const NAMES_PERSON: ReadonlySet<HashKind | undefined> = new Set<HashKind | undefined>(['patient', 'customer']);
const NAMES_NOBODY = 'an empty text, whose hash names no person';
const NOT_HANDED_ON = 'no value for requests of another stream, which leaves this record out';
const UNKNOWN_DIRECTION = 'neither inbound nor outbound, so the caller is not known';

/**
 * The instant that a list may be sorted by, ms. A small count is read as seconds, because it sorts a list too. Undefined for anything else,
 * such as the year 1 of a call that never began.
 */
export function sortInstant(value: unknown): number | undefined {
  const instant = toInstant(value);
  if (typeof instant !== 'string') return instant.ms;
  const count = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
  return count > 0 && count < MOST_COUNT ? Math.floor(count * 1000) : undefined;
}

/** A greater number may be a day, such as 20261101. */
const MOST_COUNT = 1e7;
