import { RawNumber } from '../../schemas/json-text.ts';
import { numberParts } from '../number-parts.ts';

/**
 * Numbers that certainly survive a double: integers of at most 15 digits, and decimals of at most 17. Seventeen digits distinguish
 * any double from its neighbours, so no program prints more.
 */
const EXACT = /^-?(?:\d{1,15}|(?=[\d.]{1,18}$)\d{1,15}\.\d+)$/;

/**
 * Parses a JSON number without losing a digit. Time is linear in the text's length.
 * @returns a `RawNumber` if a double cannot hold it
 */
export function parseNumber(text: string): number | RawNumber {
  const value = Number(text);
  if (EXACT.test(text)) return value;
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : new RawNumber(text);
  if (String(value) === text) return value;
  return Number.isFinite(value) && isSameNumber(text, String(value)) ? value : new RawNumber(text);
}

/** True if two texts write the same number, such as 1.50 and 15e-1. */
function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [numberParts(one), numberParts(other)];
  if (a.digits === '') return b.digits === '';
  return a.digits === b.digits && a.power === b.power && a.negative === b.negative;
}
