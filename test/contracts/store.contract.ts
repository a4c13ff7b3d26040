import { describe, expect, test } from 'vitest';
import { StorageError } from '../../functions/errors.ts';
import type { Store } from '../../functions/ports.ts';
import { collect } from '../helpers/collect.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** By bytes: `-` < `.` < `/` < digits < `=` < capitals < `_` < small letters; by most locales not. */
const IN_BYTE_ORDER = 'a-b/c a.b a/B a/_ a/b a/b-c a/b.c a/b0 a0 a=1/x aB ab b'.split(' ');

const UNSAFE = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  'a\\b',
  'a b',
  'a\0',
  'é',
  'a~b',
  'a:b',
  'a\n',
];

/** Gives an empty store. */
export type OpenStore = () => Promise<Store>;

/** What every object store does. */
export function storeContract(open: OpenStore): void {
  describe('an object', () => objectContract(open));
  describe('an object that many writers put at once', () => raceContract(open));
  describe('a list', () => listContract(open));
  describe('an unsafe key', () => keyContract(open));
}

/** What a store does with one object. */
export function objectContract(open: OpenStore): void {
  test.each([
    { says: 'comes back byte for byte', body: Uint8Array.from({ length: 256 }, (_, index) => index) },
    { says: 'may be empty', body: new Uint8Array() },
    { says: 'may have 8 MiB', body: Buffer.alloc(8 << 20, 'callhouse') },
    { says: 'may be part of a larger buffer', body: bytes('before the object after').subarray(7, 17) },
  ])('$says', async ({ body }) => {
    const store = await open();
    expect(await store.put('folder/key', body)).toBe(true);
    expect(Buffer.compare((await store.get('folder/key')) ?? bytes('none'), body)).toBe(0);
  });

  test.each([
    { says: 'in the middle', range: { from: 2, to: 5 }, expected: 'cde' },
    { says: 'from the start', range: { from: 0, to: 1 }, expected: 'a' },
    { says: 'up to its end', range: { from: 7, to: 10 }, expected: 'hij' },
    { says: 'beyond its end', range: { from: 8, to: 99 }, expected: 'ij' },
    { says: 'from its end', range: { from: 10, to: 12 }, expected: '' },
    { says: 'far beyond its end', range: { from: 1000, to: 2000 }, expected: '' },
    { says: 'of no byte', range: { from: 3, to: 3 }, expected: '' },
  ])('can be read $says', async ({ range, expected }) => {
    const store = await open();
    await store.put('folder/key', bytes('abcdefghij'));
    const read = await store.get('folder/key', range);
    expect(read && Buffer.from(read).toString()).toBe(expected);
    expect(await store.get('folder/other', range)).toBeUndefined();
  });

  test('without bytes has none in any range', async () => {
    const store = await open();
    await store.put('empty', new Uint8Array());
    expect(await store.get('empty', { from: 0, to: 9 })).toHaveLength(0);
  });

  test('that does not exist is undefined', async () => {
    const store = await open();
    await store.put('a/b', bytes('x'));
    expect(await store.get('a/c')).toBeUndefined();
    expect(await store.get('a')).toBeUndefined();
    expect(await store.get('a/b/c')).toBeUndefined();
  });

  test('is created only once, and keeps the first body', async () => {
    const store = await open();
    expect(await store.put('key', bytes('first'))).toBe(true);
    expect(await store.put('key', bytes('second'))).toBe(false);
    expect(Buffer.from((await store.get('key')) ?? []).toString()).toBe('first');
  });

  test('is replaced on request, whether or not it existed', async () => {
    const store = await open();
    expect(await store.put('key', bytes('first, and longer'), { replace: true })).toBe(true);
    expect(await store.put('key', bytes('second'), { replace: true })).toBe(true);
    expect(Buffer.from((await store.get('key')) ?? []).toString()).toBe('second');
  });

  test('is replaced only while it is exactly the given bytes', async () => {
    const store = await open();
    const now = async () => Buffer.from((await store.get('a/key')) ?? []).toString();
    expect(await store.put('a/key', bytes('second'), { replace: bytes('first') })).toBe(false);
    expect(await store.get('a/key')).toBeUndefined();
    await store.put('a/key', bytes('first'));
    for (const other of ['', 'firs', 'first ', 'second'])
      expect(await store.put('a/key', bytes('second'), { replace: bytes(other) })).toBe(false);
    expect(await now()).toBe('first');
    expect(await store.put('a/key', bytes('second'), { replace: bytes('first') })).toBe(true);
    expect(await now()).toBe('second');
    expect(await store.put('a/key', bytes('third'), { replace: bytes('first') })).toBe(false);
    expect(await store.put('a/key', bytes(''), { replace: bytes('second') })).toBe(true);
    expect(await store.put('a/key', bytes('third'), { replace: bytes('') })).toBe(true);
    await store.delete('a/key');
    expect(await store.put('a/key', bytes('fourth'), { replace: bytes('third') })).toBe(false);
    expect(await collect(store.list(''))).toEqual([]);
  });

  test('does not exist after a deletion, and can be created again', async () => {
    const store = await open();
    await store.put('a/b', bytes('x'));
    await store.delete('a/b');
    await store.delete('a/b');
    await store.delete('never/was');
    expect(await store.get('a/b')).toBeUndefined();
    expect(await collect(store.list(''))).toEqual([]);
    expect(await store.put('a/b', bytes('y'))).toBe(true);
  });
}

function raceContract(open: OpenStore): void {
  test('has the body of the only writer whose put returned true', { timeout: 30_000 }, async () => {
    const store = await open();
    for (let round = 0; round < 5; round++) {
      const key = `race/${round}`;
      const bodies = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000, `${index} `));
      const won = await Promise.all(bodies.map((body) => store.put(key, body)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const winner = bodies[won.indexOf(true)] ?? bytes('none');
      expect(Buffer.compare((await store.get(key)) ?? bytes('lost'), winner)).toBe(0);
    }
  });

  test('has the complete body of one of them if they replace it', { timeout: 30_000 }, async () => {
    const store = await open();
    const bodies = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000, `${index} `));
    await Promise.all(bodies.map((body) => store.put('key', body, { replace: true })));
    const found = (await store.get('key')) ?? bytes('lost');
    expect(bodies.some((body) => Buffer.compare(body, found) === 0)).toBe(true);
    expect(await collect(store.list(''))).toEqual(['key']);
  });
}

function listContract(open: OpenStore): void {
  test('is empty if no key matches', async () => {
    const store = await open();
    expect(await collect(store.list(''))).toEqual([]);
    expect(await collect(store.list('no/such/'))).toEqual([]);
  });

  test('is in byte order, for any prefix and after any key', async () => {
    const store = await open();
    for (const key of [...IN_BYTE_ORDER].reverse()) await store.put(key, bytes(key));
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b-', 'a=', 'a=1/', 'b', 'c', 'a/b/']) {
      const expected = IN_BYTE_ORDER.filter((key) => key.startsWith(prefix));
      expect(await collect(store.list(prefix))).toEqual(expected);
      for (const after of [...IN_BYTE_ORDER, '', 'a', 'a/', 'a/a', 'a/c', 'zz', '0']) {
        expect(await collect(store.list(prefix, { after }))).toEqual(expected.filter((key) => key > after));
      }
    }
  });

  test('is complete beyond a page of a thousand', { timeout: 60_000 }, async () => {
    const store = await open();
    const keys = Array.from({ length: 1500 }, (_, index) => `log/${String(index).padStart(6, '0')}.json`);
    for (let from = 0; from < keys.length; from += 25) {
      await Promise.all(keys.slice(from, from + 25).map((key) => store.put(key, bytes(key))));
    }
    expect(await collect(store.list('log/'))).toEqual(keys);
    expect(await collect(store.list('log/', { after: keys[1_198] }))).toEqual(keys.slice(1_199));
  });

  test('can be stopped early', async () => {
    const store = await open();
    for (const key of ['a', 'b', 'c']) await store.put(key, bytes(key));
    for await (const key of store.list('')) {
      expect(key).toBe('a');
      break;
    }
  });
}

function keyContract(open: OpenStore): void {
  test.each(UNSAFE)('such as %j is refused', async (key) => {
    const store = await open();
    const refused = expect.objectContaining({ name: 'StorageError', exitCode: 5 });
    await expect(store.put(key, bytes('x'))).rejects.toEqual(refused);
    await expect(store.put(key, bytes('x'), { replace: true })).rejects.toEqual(refused);
    await expect(store.put(key, bytes('x'), { replace: bytes('y') })).rejects.toEqual(refused);
    await expect(store.get(key)).rejects.toEqual(refused);
    await expect(store.delete(key)).rejects.toEqual(refused);
  });

  test('is refused as a prefix too', async () => {
    const store = await open();
    for (const prefix of ['/', '../', '..', 'a/../', 'a//', './', 'é', 'a b/']) {
      const listing = async () => collect(store.list(prefix));
      await expect(listing()).rejects.toBeInstanceOf(StorageError);
    }
  });
}
