import { dist } from '../measure.mjs';

/** A folder that counts what is read and written. @param isDry what is written is kept in memory */
export async function countingStore(folder, isDry) {
  const { fsStore } = await dist('local/lake/fs-store.js');
  const store = fsStore(folder);
  const counts = { reads: 0, read: 0, written: 0 };
  const kept = new Map();
  return {
    counts,
    store: {
      ...store,
      async get(key, range) {
        const body = kept.get(key) ?? (await store.get(key, range));
        counts.reads += 1;
        counts.read += body?.byteLength ?? 0;
        return body;
      },
      put(key, body, options) {
        counts.written += body.byteLength;
        return isDry ? Boolean(kept.set(key, body)) : store.put(key, body, options);
      },
      delete: async (key) => (isDry ? undefined : store.delete(key)),
    },
  };
}
