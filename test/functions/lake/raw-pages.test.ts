import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { changeRawPages, decodeRawPages, encodeRawPage, newRawWriter } from '../../../functions/lake/raw-pages.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const AT = '2026-11-01T09:00:00.000Z';
const context = (page: number, partition = 'all') => ({ partition, page, at: AT });
const bytes = (text: string) => Buffer.from(text);
const read = (body: Uint8Array | undefined) =>
  [...decodeRawPages(gunzipSync(body ?? new Uint8Array()))].map((page) => [page.context, page.body.toString()]);

describe('a raw page', () => {
  test('is a line with its request and length, then its bytes', () => {
    const pieces = encodeRawPage(context(3, 'north'), [bytes('{"a":'), bytes('"ä€"}')]);
    expect(Buffer.concat(pieces).toString()).toBe(`{"list":"north","page":3,"at":"${AT}","bytes":13}\n{"a":"ä€"}\n`);
  });

  test('is read as it was written, whatever it holds', () => {
    const bodies = ['', '\n', '{"list":"x"}\n\n', 'ä€😀', '{}'];
    const all = Buffer.concat(bodies.flatMap((body, n) => encodeRawPage(context(n), [bytes(body)])));
    expect([...decodeRawPages(all)].map((page) => [page.context.page, page.body.toString()])).toEqual(
      bodies.map((body, n) => [n, body]),
    );
    expect([...decodeRawPages(Buffer.alloc(0))]).toEqual([]);
  });

  test.each(['no header\nx\n', '{"list":"x"}\n{}\n', '{}'])('that is damaged is refused: %j', (text) => {
    expect(() => [...decodeRawPages(bytes(text))]).toThrow();
  });
});

describe('a raw object whose pages are changed', () => {
  const KEY = 'raw/unit/north/calls/2026-11-01/a.pages.gz';
  const id = { source: 'unit', account: 'north', stream: 'calls' };
  /** Changes an object of three pages, a to c. */
  async function change(by: Readonly<Record<string, string | undefined>>) {
    const store = memoryStore();
    const pages = ['a', 'b', 'c'].flatMap((body, n) => encodeRawPage(context(n), [bytes(body)]));
    await store.put(KEY, gzipSync(Buffer.concat(pages)));
    let writes = 0;
    const counting: Store = {
      ...store,
      put(...given) {
        writes += 1;
        return store.put(...given);
      },
    };
    const isChanged = await changeRawPages(KEY, id, { store: counting, codec: nodePorts.codec }, ({ body }) => {
      const text = body.toString();
      const to = text in by ? by[text] : text;
      return to === text ? body : to === undefined ? undefined : bytes(to);
    });
    return { isChanged, writes, pages: read(store.objects.get(KEY)).map(([, text]) => text) };
  }

  test('is not written if none of them changes', async () => {
    expect(await change({})).toEqual({ isChanged: false, writes: 0, pages: ['a', 'b', 'c'] });
  });

  test.each([
    { says: 'one changes', by: { b: 'other' }, pages: ['a', 'other', 'c'] },
    { says: 'one is not kept', by: { a: undefined }, pages: ['b', 'c'] },
    { says: 'none is kept', by: { a: undefined, b: undefined, c: undefined }, pages: [] },
  ])('is written again if $says', async ({ by, pages }) => {
    expect(await change(by)).toEqual({ isChanged: true, writes: 1, pages });
  });

  test('stays gone', async () => {
    const store = memoryStore();
    expect(await changeRawPages(KEY, id, { store, codec: nodePorts.codec }, () => undefined)).toBe(false);
    expect(store.objects.size).toBe(0);
  });
});

describe('a raw writer', () => {
  const PAGE = Buffer.concat(encodeRawPage(context(1), [bytes('0123456789')])).byteLength;

  function place(objectBytes: number) {
    const store = memoryStore();
    const load = { id: 'load-1' };
    const id = { source: 'unit', account: 'north', stream: 'calls' };
    const writer = newRawWriter({
      store,
      codec: nodePorts.codec,
      id,
      day: '2026-11-01',
      name: () => load.id,
      objectBytes,
    });
    const add = (page: number) => writer.add(context(page), [bytes('01234'), bytes('56789')]);
    return { store, load, writer, add };
  }
  const key = (part: string, load = 'load-1') => `raw/unit/north/calls/2026-11-01/${load}-${part}.pages.gz`;

  test.each([
    { objectBytes: 2 * PAGE, objects: 1 },
    { objectBytes: 2 * PAGE + 1, objects: 0 },
  ])('writes $objects objects of two pages at $objectBytes bytes', async ({ objectBytes, objects }) => {
    const { store, add } = place(objectBytes);
    for (const page of [1, 2]) await add(page);
    expect(store.objects.size).toBe(objects);
  });

  test('writes the remaining pages when it is flushed, and counts its objects from 1 again', async () => {
    const { store, add, writer, load } = place(2 * PAGE);
    for (const page of [1, 2, 3]) await add(page);
    expect(await writer.flush()).toEqual([key('0001'), key('0002')]);
    expect(read(store.objects.get(key('0001')))).toEqual([
      [context(1), '0123456789'],
      [context(2), '0123456789'],
    ]);
    expect(read(store.objects.get(key('0002')))).toEqual([[context(3), '0123456789']]);
    expect(await writer.flush()).toEqual([]);
    load.id = 'load-2';
    await add(4);
    expect(await writer.flush()).toEqual([key('0001', 'load-2')]);
    expect(store.objects.size).toBe(3);
  });
});
