import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Value } from '../../../schemas/value.ts';

/** 128 bits of SHA-256 as 22 characters of base64url: enough that two versions of one row never agree by chance. */
export function toContentHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** Text of a value for a content hash. The length in front keeps neighbouring values apart: equal texts mean equal values. */
export function hashText(value: Value): string {
  if (value === null) return '-';
  const text = typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return `${text.length}:${text}`;
}

/** HMAC-SHA256 of the exact UTF-8 text, as 64 lower-case hex digits. @see {@link https://www.rfc-editor.org/rfc/rfc2104} */
export function keyedHash(text: string, key: string): string {
  if (made?.key !== key || made.hashes.size >= MOST_HASHES)
    made = { key, object: createSecretKey(key, 'utf8'), hashes: new Map() };
  const known = made.hashes.get(text);
  if (known !== undefined) return known;
  const keyed = createHmac('sha256', made.object).update(text, 'utf8').digest('hex');
  made.hashes.set(text, keyed);
  return keyed;
}

/** Caches the prepared key and the last hashes: a run has one key and a clinic few numbers, and preparing the key takes a third of the time. */
let made: { readonly key: string; readonly object: KeyObject; readonly hashes: Map<string, string> } | undefined;
const MOST_HASHES = 5000;

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
