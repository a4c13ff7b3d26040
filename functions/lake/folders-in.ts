import type { Store } from '../ports.ts';

/** Sorts after every character of a key. */
const LAST = '~';

/**
 * Names of the folders below a prefix, in the order of their keys. One request per folder; the objects inside are not listed.
 * @param depth levels below the prefix, 1 or more; of 2, names are such as `kalem/default`
 */
export async function foldersIn(store: Store, prefix: string, depth = 1): Promise<readonly string[]> {
  const names: string[] = [];
  let after = '';
  for (let key = await firstKey(store, prefix, after); key !== undefined; key = await firstKey(store, prefix, after)) {
    const parts = key.slice(prefix.length).split('/');
    const name = parts.slice(0, depth).join('/');
    const isFolder = parts.length > depth;
    if (isFolder) names.push(name);
    after = isFolder ? `${prefix}${name}/${LAST}` : key;
  }
  return names;
}

async function firstKey(store: Store, prefix: string, after: string): Promise<string | undefined> {
  for await (const key of store.list(prefix, { after })) return key;
  return undefined;
}
