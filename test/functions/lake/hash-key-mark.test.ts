import { describe, expect, test } from 'vitest';
import { AlreadyRunningError, ConfigError, StateError } from '../../../functions/errors.ts';
import {
  checkHashKeyOf,
  claimHashKey,
  HASH_KEY_MARK,
  judgeHashKey,
  markHashKey,
  markRotation,
} from '../../../functions/lake/hash-key-mark.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const KEY = 'k'.repeat(32);
const OTHER = 'o'.repeat(32);
const found = (key: string) => ({ key, label: 'CALLHOUSE_HASH_KEY', rotate: 'callhouse rotate' }) as never;

describe('the hash key of a lake', () => {
  test('is any key as long as there are no hashes', async () => {
    const store = memoryStore();
    expect(await judgeHashKey(store, KEY)).toBe('unused');
    expect(await checkHashKeyOf(store, found(KEY))).toBe('unused');
    expect(store.objects.size).toBe(0);
  });

  test('is the one that the first run claimed, which is not kept itself', async () => {
    const store = memoryStore();
    await claimHashKey(store, found(KEY));
    expect(await judgeHashKey(store, KEY)).toBe('current');
    expect(await judgeHashKey(store, OTHER)).toBe('other');
    expect(await judgeHashKey(store, undefined)).toBe('other');
    await claimHashKey(store, found(KEY));
    await expect(claimHashKey(store, found(OTHER))).rejects.toThrow(ConfigError);
    expect(Buffer.from(store.objects.get(HASH_KEY_MARK) ?? []).toString()).not.toContain(KEY);
  });

  test('is not known of a lake with commits and without a mark', async () => {
    const store = memoryStore();
    await store.put('commits/unit/default/calls/1.json', Buffer.from('{}'));
    expect(await judgeHashKey(store, KEY)).toBe('unmarked');
    await expect(claimHashKey(store, found(KEY))).rejects.toThrow('callhouse rotate');
    expect(store.objects.has(HASH_KEY_MARK)).toBe(false);
  });

  test('is none while a rotation has not finished', async () => {
    const store = memoryStore();
    await claimHashKey(store, found(OTHER));
    await markRotation(store, KEY);
    expect(await judgeHashKey(store, KEY)).toBe('rotating');
    await expect(checkHashKeyOf(store, found(KEY))).rejects.toThrow('continue it: callhouse rotate');
    await markHashKey(store, KEY);
    expect(await judgeHashKey(store, KEY)).toBe('current');
  });

  test('is not marked by a rotation that slept while another one rotated to another key', async () => {
    const store = memoryStore();
    await markRotation(store, KEY);
    await markRotation(store, OTHER);
    await markHashKey(store, OTHER);
    await expect(markHashKey(store, KEY)).rejects.toThrow(AlreadyRunningError);
    expect(await judgeHashKey(store, OTHER)).toBe('current');
    const asleep = { ...store, put: async () => false };
    await expect(markRotation(asleep, KEY)).rejects.toThrow(AlreadyRunningError);
  });

  test.each(['', '{}', '{"version":2,"fingerprint":"f"}', '{"version":1}'])(
    'is not guessed from a damaged mark: %j',
    async (text) => {
      const store = memoryStore();
      await store.put(HASH_KEY_MARK, Buffer.from(text));
      await expect(judgeHashKey(store, KEY)).rejects.toThrow(StateError);
    },
  );
});
