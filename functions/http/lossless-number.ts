import { RawNumber } from '../../schemas/json-text.ts';
import { numberParts } from '../number-parts.ts';

/**
 * What a double holds: an integer of at most 15 digits exactly; of other numbers the 17 digits that tell any double from its
 * neighbours, which is as many as a program prints of one.
 */
const EXACT = /^-?(?:\d{1,15}|(?=[\d.]{1,18}$)\d{1,15}\.\d+)$/;

/** The value of a JSON number without the loss of a digit: a number, or else a `RawNumber`. Takes time in proportion to the text. */
export function parseNumber(text: string): number | RawNumber {
  const value = Number(text);
  if (EXACT.test(text)) return value;
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : new RawNumber(text);
  if (String(value) === text) return value;
  return Number.isFinite(value) && isSameNumber(text, String(value)) ? value : new RawNumber(text);
}

/** Two ways to write one number: 1.50 and 15e-1. */
function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [numberParts(one), numberParts(other)];
  if (a.digits === '') return b.digits === '';
  return a.digits === b.digits && a.power === b.power && a.negative === b.negative;
}
