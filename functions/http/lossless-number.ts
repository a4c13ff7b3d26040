import { RawNumber } from '../../schemas/json-text.ts';

/**
 * What a double holds: an integer of at most 15 digits exactly; of other numbers the 17 digits that tell any double from its
 * neighbours, which is as many as a program prints of one.
 */
const EXACT = /^-?(?:\d{1,15}|(?=[\d.]{1,18}$)\d{1,15}\.\d+)$/;

const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The value of a JSON number without the loss of a digit: a number, or else a `RawNumber`. */
export function parseNumber(text: string): number | RawNumber {
  const value = Number(text);
  if (EXACT.test(text)) return value;
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : new RawNumber(text);
  if (String(value) === text) return value;
  return Number.isFinite(value) && canonical(text) === canonical(String(value)) ? value : new RawNumber(text);
}

/** The same text for two ways to write one number: sign, digits without outer zeros, power of ten of the last one. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
  const significant = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return '0';
  return `${sign}${digits}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(significant.length - digits.length)}`;
}
