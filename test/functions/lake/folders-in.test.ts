import { describe, expect, test } from 'vitest';
import { foldersIn } from '../../../functions/lake/folders-in.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

/** A store with these keys, and how often it is listed. */
async function storeWith(...keys: readonly string[]) {
  const store = memoryStore();
  for (const key of keys) await store.put(key, Buffer.from('x'));
  let lists = 0;
  const list: typeof store.list = (prefix, options) => {
    lists += 1;
    return store.list(prefix, options);
  };
  return { store: { ...store, list }, lists: () => lists };
}

describe('folders below a prefix', () => {
  test('are named in order, each once; what is in them costs no request', async () => {
    const { store, lists } = await storeWith('a/x/1', 'a/x/2', 'a/x/y/3', 'a/z/1', 'b/x/1');
    expect(await foldersIn(store, 'a/')).toEqual(['x', 'z']);
    expect(lists()).toBe(3);
  });

  test('of two levels are named with both', async () => {
    const { store } = await storeWith('a/x/y/1', 'a/x/z/1', 'a/w/y/1', 'a/x/file');
    expect(await foldersIn(store, 'a/', 2)).toEqual(['w/y', 'x/y', 'x/z']);
  });

  test('do not include objects that are beside them', async () => {
    const { store } = await storeWith('a/b', 'a/c/1', 'a/d');
    expect(await foldersIn(store, 'a/')).toEqual(['c']);
    expect(await foldersIn(store, 'none/')).toEqual([]);
  });
});
