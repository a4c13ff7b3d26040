const SEPARATORS = /[\s().\-\u2010-\u2015/]/g;

/**
 * A phone number in E.164 (`+15551230000`), from the ways US clinics write one. Ten digits count as a US number.
 * @returns undefined if the text is not a phone number: withheld, a SIP address, a short code
 * @see {@link https://www.itu.int/rec/T-REC-E.164}
 */
export function toE164(text: string): string | undefined {
  const digits = text.trim().replace(/^tel:/i, '').replace(SEPARATORS, '');
  if (/^\+\d{7,15}$/.test(digits)) return digits;
  if (/^00\d{7,15}$/.test(digits)) return `+${digits.slice(2)}`;
  if (/^\d{10}$/.test(digits)) return `+1${digits}`;
  return /^1\d{10}$/.test(digits) ? `+${digits}` : undefined;
}
