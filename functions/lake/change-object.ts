import { AlreadyRunningError } from '../errors.ts';
import type { Store } from '../ports.ts';

/** Each failed try means that another process has changed the object meanwhile. */
const TRIES = 20;

/**
 * Changes an object in place, and only what it is at that moment: if another process has changed it since it was read, it is read again.
 * Otherwise two processes that remove different values at the same time would each bring back what the other has removed, and one that was
 * suspended could bring back anything. Does nothing if the object is gone.
 * @param change returns the new bytes; undefined if the object stays as it is
 * @returns true if the object was written
 * @throws AlreadyRunningError if another process changes it again and again
 */
export async function changeObject(
  store: Store,
  key: string,
  change: (body: Uint8Array) => Promise<Uint8Array | undefined>,
): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const body = await store.get(key);
    const changed = body && (await change(body));
    if (!changed) return false;
    if (await store.put(key, changed, { replace: body })) return true;
  }
  throw new AlreadyRunningError('another run changes the same copies; this run stopped, and the other continues');
}
