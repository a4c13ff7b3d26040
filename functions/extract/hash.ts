import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Value } from '../../schemas/value.ts';

/** HMAC-SHA256 of the exact UTF-8 text, lower-case hex. */
export function keyedHash(text: string, key: string): string {
  if (made?.key !== key || made.hashes.size >= MOST_HASHES)
    made = { key, object: createSecretKey(key, 'utf8'), hashes: new Map() };
  const known = made.hashes.get(text);
  if (known !== undefined) return known;
  const keyed = createHmac('sha256', made.object).update(text, 'utf8').digest('hex');
  made.hashes.set(text, keyed);
  return keyed;
}

/** A run has one key, and a clinic few numbers and names: to prepare the key for every value would take a third of the time. */
let made: { readonly key: string; readonly object: KeyObject; readonly hashes: Map<string, string> } | undefined;
const MOST_HASHES = 5000;

/** 128 bits of SHA-256: enough that two versions of one row never agree by chance. */
export function contentHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** Text of a value for a content hash; two values of one column agree only if they are equal, whatever stands before and after. */
export function hashText(value: Value): string {
  if (value === null) return '-';
  const text = typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return `${text.length}:${text}`;
}

const SEPARATORS = /[\s().\-\u2010-\u2015/]/g;

/**
 * A phone number in E.164, from the ways US clinics write one.
 * @returns undefined where there is none: withheld, a SIP address, a short code
 */
export function toE164(text: string): string | undefined {
  const digits = text.trim().replace(/^tel:/i, '').replace(SEPARATORS, '');
  if (/^\+\d{7,15}$/.test(digits)) return digits;
  if (/^00\d{7,15}$/.test(digits)) return `+${digits.slice(2)}`;
  if (/^\d{10}$/.test(digits)) return `+1${digits}`;
  return /^1\d{10}$/.test(digits) ? `+${digits}` : undefined;
}
