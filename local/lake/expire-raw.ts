import { foldersIn } from '../../functions/lake/folders-in.ts';
import { rawPrefix } from '../../functions/lake/objects.ts';
import type { Store } from '../../functions/ports.ts';
import { dayOf, dayText } from '../../functions/time.ts';

/**
 * Deletes copies of the vendors' answers whose run was scheduled so many days ago or earlier.
 * @param now milliseconds since the epoch
 * @returns the number of deleted objects
 */
export async function expireRaw(store: Store, rawDays: number, now: number): Promise<number> {
  const first = dayText(dayOf(now) - rawDays);
  let deleted = 0;
  for (const source of await foldersIn(store, 'raw/')) {
    for (const account of await foldersIn(store, `raw/${source}/`)) {
      for (const stream of await foldersIn(store, `raw/${source}/${account}/`)) {
        const id = { source, account, stream };
        for (const day of await foldersIn(store, `raw/${source}/${account}/${stream}/`))
          if (day <= first) deleted += await deleteAll(store, rawPrefix(id, day));
      }
    }
  }
  return deleted;
}

async function deleteAll(store: Store, prefix: string): Promise<number> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  for (const key of keys) await store.delete(key);
  return keys.length;
}
