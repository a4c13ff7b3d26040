import type { ColumnType } from '../../../schemas/column.ts';
import { RawNumber, toJsonText } from '../../../schemas/json-text.ts';
import type { Value } from '../../../schemas/value.ts';
import type { Reject } from '../../lake/commit.ts';
import { numberParts } from '../../number-parts.ts';
import { parseDay, parseInstant, YEAR_1_MS, YEAR_10000_MS } from '../../time.ts';

/** Called with the kind of doubt; the value then is null, except where UTC was assumed. */
export type Doubt = (reason: string) => void;
/** Makes a vendor's value (never null or undefined) into a column's. */
export type Coerce = (value: unknown, doubt: Doubt) => Value;

/** The reason that refuses nothing: the value is kept. */
export const ASSUMED_UTC = 'no time zone, taken as UTC';

/** One tolerant coercion per type; what does not fit becomes null and a doubt. */
export const COERCE: Readonly<Record<ColumnType, Coerce>> = {
  text: (value, doubt) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    return value instanceof RawNumber ? value.text : refuse(doubt, `${kindOf(value)} where text is expected`);
  },
  bigint: (value, doubt) => {
    const whole = toBigInt(value);
    if (whole === undefined) return refuse(doubt, `${kindOf(value)} where an integer is expected`);
    return BigInt.asIntN(64, whole) === whole ? whole : refuse(doubt, 'integer beyond 64 bits');
  },
  double: (value, doubt) => toDouble(value) ?? refuse(doubt, `${kindOf(value)} where a number is expected`),
  boolean: (value, doubt) => {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    return refuse(doubt, `${kindOf(value)} where true or false is expected`);
  },
  timestamp: (value, doubt) => toInstant(value, doubt),
  date: (value, doubt) => {
    const day = typeof value === 'string' ? (parseDay(value) ?? parseDay(value.slice(0, 10))) : undefined;
    return day ?? refuse(doubt, `${kindOf(value)} where a day YYYY-MM-DD is expected`);
  },
  decimal: (value, doubt) =>
    toDecimal(value) ?? refuse(doubt, `${kindOf(value)} where an amount below 10^12 is expected`),
  json: (value, doubt) => {
    try {
      return toJsonText(value);
    } catch {
      return refuse(doubt, 'JSON nested too deep');
    }
  },
  doubles: (value, doubt) => {
    if (!Array.isArray(value)) return refuse(doubt, `${kindOf(value)} where a list of numbers is expected`);
    const list = value.map((member) => (member === null ? null : toDouble(member)));
    return list.includes(undefined) ? refuse(doubt, 'a member that is no number') : (list as (number | null)[]);
  },
};

function refuse(doubt: Doubt, reason: string): null {
  doubt(reason);
  return null;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof RawNumber || typeof value === 'bigint' || typeof value === 'number') return 'another number';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'other text' : `a ${typeof value}`;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const text = value instanceof RawNumber ? value.text : value;
  return typeof text === 'string' && /^-?\d{1,19}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
}

function toDouble(value: unknown): number | undefined {
  const given = value instanceof RawNumber ? value.text : value;
  if (typeof given === 'string' && !/^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(given)) return undefined;
  if (typeof given !== 'number' && typeof given !== 'bigint' && typeof given !== 'string') return undefined;
  const number = Number(given);
  return Number.isFinite(number) ? number : undefined;
}

/** ISO 8601 text, or an epoch: seconds below 10^11, milliseconds below 10^14, else microseconds (the vendors mix units). */
function toInstant(value: unknown, doubt: Doubt): number | null {
  if (typeof value === 'string' && !/^-?\d{9,17}(\.\d+)?$/.test(value.trim())) {
    const parsed = parseInstant(value.trim());
    if (parsed && !parsed.zoned) doubt(ASSUMED_UTC);
    return within(parsed?.ms, doubt, value);
  }
  const epoch = toDouble(value);
  if (epoch === undefined) return refuse(doubt, `${kindOf(value)} where an instant is expected`);
  const size = Math.abs(epoch);
  // Whole microseconds first: a fraction of a second times a thousand falls short of its milliseconds.
  const unit = size < 1e11 ? 1_000_000 : size < 1e14 ? 1000 : 1;
  return within(Math.floor(Math.round(epoch * unit) / 1000), doubt, value);
}

function within(ms: number | undefined, doubt: Doubt, value: unknown): number | null {
  if (ms !== undefined && ms >= YEAR_1_MS && ms < YEAR_10000_MS) return ms;
  return refuse(doubt, `${kindOf(value)} where an instant is expected`);
}

/** Plain text with six digits after the point, rounded half up (away from zero) from the number's shortest text. */
function toDecimal(value: unknown): string | undefined {
  const number = toDouble(value);
  if (number === undefined) return undefined;
  const text = typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value.trim() : String(number);
  const { negative, digits, power } = numberParts(text);
  const units = roundedUnits(digits, power + 6);
  if (units === undefined || units >= 10n ** 18n) return undefined;
  const padded = units.toString().padStart(7, '0');
  return `${negative && units !== 0n ? '-' : ''}${padded.slice(0, -6)}.${padded.slice(-6)}`;
}

/** `digits` × 10^`power`, rounded half up to a whole number; undefined from 10^18 on, before a long number is made of it. */
function roundedUnits(digits: string, power: number): bigint | undefined {
  if (digits === '') return 0n;
  const size = digits.length + power;
  if (size > 18) return undefined;
  if (size < 0) return 0n;
  const units = BigInt(digits.slice(0, size).padEnd(size, '0') || '0');
  return (digits[size] ?? '0') >= '5' ? units + 1n : units;
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
