import type { Store } from '../../functions/ports.ts';

/** Sorts after every character of a key. */
const LAST = '~';

/** Sorted names of the folders directly below a prefix. One request per folder; the objects inside are not listed. */
export async function foldersIn(store: Store, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  let after = '';
  for (let key = await firstKey(store, prefix, after); key !== undefined; key = await firstKey(store, prefix, after)) {
    const [name = '', ...rest] = key.slice(prefix.length).split('/');
    if (rest.length > 0) names.push(name);
    after = rest.length > 0 ? `${prefix}${name}/${LAST}` : key;
  }
  return names;
}

async function firstKey(store: Store, prefix: string, after: string): Promise<string | undefined> {
  for await (const key of store.list(prefix, { after })) return key;
  return undefined;
}
