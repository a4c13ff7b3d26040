import { StorageError } from '../errors.ts';
import type { Store } from '../ports.ts';

/**
 * Writes an object under a name of its own attempt.
 * @throws StorageError where another object has the name
 */
export async function putNew(store: Store, key: string, body: Uint8Array): Promise<void> {
  if (await store.put(key, body)) return;
  // The answer to our own write may have been lost, and a repeat of it is refused: then what stands there is ours.
  const standing = await store.get(key);
  if (standing && Buffer.compare(standing, body) === 0) return;
  throw new StorageError(`${key} in ${store.name} is there already; expected a new name`);
}
