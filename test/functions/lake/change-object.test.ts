import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { changeObject } from '../../../functions/lake/change-object.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const KEY = 'staging/a';
const without = (letter: string) => async (body: Uint8Array) => {
  const text = Buffer.from(body).toString();
  return text.includes(letter) ? Buffer.from(text.replaceAll(letter, '')) : undefined;
};

/** A store in which something happens between reading an object and writing it, the first `times` times. */
function interrupted(store: Store, meanwhile: () => Promise<unknown>, times = 1): Store {
  let left = times;
  return {
    ...store,
    async put(key, body, options) {
      left -= 1;
      if (left >= 0) await meanwhile();
      return store.put(key, body, options);
    },
  };
}

async function abc() {
  const store = memoryStore();
  await store.put(KEY, Buffer.from('abc'));
  return { store, text: async () => Buffer.from((await store.get(KEY)) ?? []).toString() };
}

describe('an object that is changed', () => {
  test('is written once; not if it is gone, or stays as it is', async () => {
    const { store, text } = await abc();
    expect(await changeObject(store, KEY, without('b'))).toBe(true);
    expect(await text()).toBe('ac');
    expect(await changeObject(store, KEY, without('b'))).toBe(false);
    await store.delete(KEY);
    expect(await changeObject(store, KEY, without('a'))).toBe(false);
    expect(store.objects.size).toBe(0);
  });

  test('keeps what another process has changed since it was read', async () => {
    const { store, text } = await abc();
    const other = interrupted(store, () => changeObject(store, KEY, without('a')));
    expect(await changeObject(other, KEY, without('b'))).toBe(true);
    expect(await text()).toBe('c');
  });

  test('does not come back if another process has deleted it since it was read', async () => {
    const { store } = await abc();
    expect(
      await changeObject(
        interrupted(store, () => store.delete(KEY)),
        KEY,
        without('b'),
      ),
    ).toBe(false);
    expect(store.objects.size).toBe(0);
  });

  test('is left to the other process if that never stops changing it', async () => {
    const { store } = await abc();
    let n = 0;
    const grow = async () => {
      n += 1;
      await store.put(KEY, Buffer.from(`abc${n}`), { replace: true });
    };
    const changing = changeObject(interrupted(store, grow, Number.POSITIVE_INFINITY), KEY, without('b'));
    await expect(changing).rejects.toThrow(AlreadyRunningError);
    expect(n).toBeGreaterThan(5);
  });
});
