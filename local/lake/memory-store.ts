import type { Store } from '../../functions/ports.ts';

/** A store in memory; what it holds can be inspected. */
export interface MemoryStore extends Store {
  readonly objects: Map<string, Uint8Array>;
}

/** An empty store in memory, for a check that writes nothing to a disk. */
export function memoryStore(): MemoryStore {
  const objects = new Map<string, Uint8Array>();
  return {
    name: 'memory',
    objects,
    get: async (key, range) =>
      range ? objects.get(key)?.slice(range.from, Math.max(range.from, range.to)) : objects.get(key),
    async put(key, body, { replace = false } = {}) {
      const held = objects.get(key);
      if (typeof replace === 'boolean' ? held && !replace : !held || Buffer.compare(held, replace) !== 0) return false;
      objects.set(key, body);
      return true;
    },
    async *list(prefix, { after = '' } = {}) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    },
    async delete(key) {
      objects.delete(key);
    },
  };
}
