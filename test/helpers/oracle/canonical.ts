import { createHmac } from 'node:crypto';
import { type Exact, type ExactNumber, writeExact } from './exact-json.ts';

/** A value as comparable text. */
export type Canonical = string | null;

/** The type of a column, which decides how its values are written here. */
export type Kind =
  | 'text'
  | 'url'
  | 'bigint'
  | 'double'
  | 'doubles'
  | 'money'
  | 'boolean'
  | 'timestamp'
  | 'date'
  | 'json';

/** Writes a vendor's value as the column of that kind must hold it; null if it does not fit. */
export function canonicalize(kind: Kind, value: Exact): Canonical {
  if (value === null) return null;
  switch (kind) {
    case 'text':
    case 'url':
    case 'date':
      return typeof value === 'string' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'bigint':
      return isNumber(value) && /^-?\d+$/.test(value.digits) ? BigInt(value.digits).toString() : null;
    case 'double':
      return isNumber(value) ? String(Number(value.digits)) : null;
    case 'doubles':
      return Array.isArray(value) ? `[${value.map((item) => canonicalize('double', item) ?? 'null').join(',')}]` : null;
    case 'money':
      return isNumber(value) ? roundToSixDigits(String(Number(value.digits))) : null;
    case 'timestamp':
      return writeInstant(value);
    case 'json':
      return writeExact(value);
  }
}

function isNumber(value: Exact): value is ExactNumber {
  return typeof value === 'object' && value !== null && 'digits' in value;
}

/** Rounds half up (away from zero) by decimal digits: binary arithmetic gets 0.1234565 wrong. */
export function roundToSixDigits(shortest: string): string {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(shortest) ?? [];
  const shift = 6 + Number(exponent);
  const digits = whole + fraction;
  const keep = whole.length + shift;
  const padded = keep < 0 ? '0' : digits.padEnd(keep, '0').slice(0, keep);
  const roundsUp = keep >= 0 && (digits[keep] ?? '0') >= '5';
  const micros = BigInt(padded === '' ? '0' : padded) + (roundsUp ? 1n : 0n);
  const text = micros.toString().padStart(7, '0');
  return `${micros === 0n ? '' : sign}${text.slice(0, -6)}.${text.slice(-6)}`;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):?(\d\d))?$/;

/** Epoch ms, or ISO 8601; without a zone it is UTC; digits beyond ms are cut. */
function writeInstant(value: Exact): Canonical {
  if (isNumber(value)) return new Date(Number(value.digits)).toISOString();
  if (typeof value !== 'string') return null;
  const parts = ISO.exec(value);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const millis = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = (Number(parts[10] ?? 0) * 60 + Number(parts[11] ?? 0)) * (parts[9] === '-' ? -1 : 1);
  const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, millis);
  return new Date(ms - offset * 60_000).toISOString();
}

/** The keyed hash of a sensitive value, of one kind. */
export function hashText(key: string, kind: string, value: Canonical): Canonical {
  return value === null ? null : createHmac('sha256', key).update(`${kind}\0${value}`, 'utf8').digest('hex');
}
