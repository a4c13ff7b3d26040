import { StorageError } from '../errors.ts';
import type { Store } from '../ports.ts';

/**
 * Creates an object whose key is unique to this attempt. A conflict with identical bytes counts as success: it is our own write,
 * whose answer was lost and which was then repeated.
 * @throws StorageError if another object has the key
 */
export async function createObject(store: Store, key: string, body: Uint8Array): Promise<void> {
  if (await store.put(key, body)) return;
  const stored = await store.get(key);
  if (stored && Buffer.compare(stored, body) === 0) return;
  throw new StorageError(
    `${key} in ${store.name} exists already; expected a new key. Run again: each run uses new keys`,
  );
}

/**
 * Parses a small JSON object that Callhouse wrote itself.
 * @returns undefined if the bytes are not UTF-8 or not JSON; the caller decides what that means
 */
export function parseStored(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Bytes of a small JSON object. */
export function storedJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
