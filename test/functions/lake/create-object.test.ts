import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { createObject } from '../../../functions/lake/objects.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const bytes = (text: string) => Buffer.from(text);

describe('an object that is created', () => {
  test('is written once, and a repeated write of the same bytes is no conflict', async () => {
    const store = memoryStore();
    await createObject(store, 'a/b', bytes('x'));
    await createObject(store, 'a/b', bytes('x'));
    expect(store.objects.get('a/b')).toEqual(bytes('x'));
  });

  test.each(['', 'y', 'xx'])('is not written over another one: %j', async (text) => {
    const store = memoryStore();
    await store.put('a/b', bytes('x'));
    const creating = createObject(store, 'a/b', bytes(text));
    await expect(creating).rejects.toThrow(StorageError);
    await expect(creating).rejects.toThrow('a/b in memory exists already');
    expect(store.objects.get('a/b')).toEqual(bytes('x'));
  });

  test('is not taken as written where the store refused it and has nothing', async () => {
    const store = { ...memoryStore(), put: async () => false };
    await expect(createObject(store, 'a/b', bytes('x'))).rejects.toThrow(StorageError);
  });
});
