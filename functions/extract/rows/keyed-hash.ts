import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

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
