import { RawNumber } from '../../../schemas/json-text.ts';
import { numberParts } from '../../number-parts.ts';

/** An integer of any size; undefined for other numbers, and for text with anything but digits, such as a thousands separator. */
export function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const text = value instanceof RawNumber ? value.text : value;
  return typeof text === 'string' && /^-?\d{1,19}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
}

/** A finite double, from a number or from text in JSON's grammar. */
export function toDouble(value: unknown): number | undefined {
  const given = value instanceof RawNumber ? value.text : value;
  if (typeof given === 'string' && !/^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(given)) return undefined;
  if (typeof given !== 'number' && typeof given !== 'bigint' && typeof given !== 'string') return undefined;
  const number = Number(given);
  return Number.isFinite(number) ? number : undefined;
}

/** Plain text with six digits after the point, rounded half up (away from zero) from the number's shortest text. */
export function toDecimal(value: unknown): string | undefined {
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
