import type { Store } from '../../functions/ports.ts';

/**
 * The store of a process that is suspended at a listing, a write or a deletion, while something else happens.
 * @param place what it begins with: the verb and a part of the key
 * @param nth which of these it is, counted from 1
 */
export function suspendedAt(place: string, store: Store, meanwhile: () => Promise<unknown>, nth = 1): Store {
  let seen = 0;
  const note = async (effect: string) => {
    if (!effect.startsWith(place)) return;
    seen += 1;
    if (seen === nth) await meanwhile();
  };
  return {
    ...store,
    async *list(prefix, options) {
      await note(`list ${prefix}`);
      yield* store.list(prefix, options);
    },
    async put(key, body, options) {
      await note(`put ${key}`);
      return store.put(key, body, options);
    },
    async delete(key) {
      await note(`delete ${key}`);
      await store.delete(key);
    },
  };
}
