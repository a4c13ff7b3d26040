import { describe, expect, test } from 'vitest';
import { StateError } from '../../../functions/errors.ts';
import {
  changeRawPages,
  compressorOf,
  decodeRawPages,
  encodeRawPage,
  newRawWriter,
  readRawPages,
} from '../../../functions/lake/raw-pages.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import type { Codec, Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { expandStored } from '../../helpers/expand-stored.ts';

const AT = '2026-11-01T09:00:00.000Z';
const context = (page: number, partition = 'all') => ({ partition, page, at: AT });
const bytes = (text: string) => Buffer.from(text);
const read = (body: Uint8Array | undefined) =>
  [...decodeRawPages(expandStored(body))].map((page) => [page.context, page.body.toString()]);
const { zstd } = nodePorts.codec;
/** That of a Node without zstd. */
const ofNode20: Codec = { ...nodePorts.codec, zstd: undefined };
const FORMATS = ['gz', ...(zstd ? ['zst'] : [])];

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

describe.each(FORMATS)('a raw object whose pages are changed, %s', (format) => {
  const KEY = `raw/unit/north/calls/2026-11-01/a.pages.${format}`;
  const id = { source: 'unit', account: 'north', stream: 'calls' };
  /** Changes an object of three pages, a to c. */
  async function change(by: Readonly<Record<string, string | undefined>>) {
    const store = memoryStore();
    const pages = ['a', 'b', 'c'].flatMap((body, n) => encodeRawPage(context(n), [bytes(body)]));
    const ports = { store, codec: nodePorts.codec };
    const members = pages.map((piece) => compressorOf(KEY, ports, id).compress(piece));
    await store.put(KEY, Buffer.concat(await Promise.all(members)));
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
    const body = store.objects.get(KEY);
    expect(Buffer.from(body ?? []).toString('hex', 0, 2)).toBe(format === 'gz' ? '1f8b' : '28b5');
    return { isChanged, writes, pages: read(body).map(([, text]) => text) };
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

  function place(objectBytes: number, codec: Codec = nodePorts.codec) {
    const store = memoryStore();
    const load = { id: 'load-1' };
    const id = { source: 'unit', account: 'north', stream: 'calls' };
    const writer = newRawWriter({
      store,
      codec,
      id,
      day: '2026-11-01',
      name: () => load.id,
      objectBytes,
    });
    const add = (page: number) => writer.add(context(page), [bytes('01234'), bytes('56789')]);
    return { store, load, writer, add, id };
  }
  const key = (part: string, load = 'load-1', format = zstd ? 'zst' : 'gz') =>
    `raw/unit/north/calls/2026-11-01/${load}-${part}.pages.${format}`;
  const MEGABYTE = 1024 * 1024;

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

  test.each([
    ['of Node 20', 'gz', ofNode20],
    ['of later ones', zstd ? 'zst' : 'gz', nodePorts.codec],
  ])('%s writes members to an object .pages.%s, and all of them are read', async (_node, format, codec) => {
    const { store, writer, id } = place(4 * MEGABYTE, codec);
    const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(MEGABYTE));
    for (const [n, body] of bodies.entries()) await writer.add(context(n), [bytes(body)]);
    expect(await writer.flush()).toEqual([key('0001', 'load-1', format)]);
    const KEY = key('0001', 'load-1', format);
    const pages = await readRawPages(KEY, id, { store, codec: nodePorts.codec });
    expect(pages.map(({ body }) => body.toString())).toEqual(bodies);
    expect(read(store.objects.get(KEY)).map(([, text]) => text)).toEqual(bodies);
  });

  test('damages nothing where Node lacks zstd, and says which Node reads the object', async () => {
    const { store, id } = place(MEGABYTE);
    const KEY = key('0001', 'load-1', 'zst');
    const before = bytes('what a Node with zstd wrote');
    store.objects.set(KEY, before);
    const change = changeRawPages(KEY, id, { store, codec: ofNode20 }, () => undefined);
    await expect(change).rejects.toThrow(StateError);
    await expect(change).rejects.toThrow(
      `${KEY} in memory is compressed with zstd, which this Node lacks; run this again with Node 22.15 or later`,
    );
    expect(store.objects.get(KEY)).toBe(before);
  });

  const QUARTER = 256 * 1024;
  test.each([
    { page: QUARTER, pages: 5, members: [2 * QUARTER, 2 * QUARTER, QUARTER] },
    { page: QUARTER - 1, pages: 4, members: [3 * QUARTER - 3, QUARTER - 1] },
    { page: 4 * QUARTER, pages: 2, members: [4 * QUARTER, 4 * QUARTER] },
  ])('compresses $pages pages of $page bytes as soon as they are half a megabyte', async ({ page, pages, members }) => {
    const compressed: number[] = [];
    const compress = (given: Uint8Array) => {
      compressed.push(given.byteLength);
      return nodePorts.codec.compress(given);
    };
    const { writer } = place(4 * MEGABYTE, { ...ofNode20, compress });
    const header = Buffer.concat(encodeRawPage(context(1), [Buffer.alloc(page)])).byteLength - page;
    for (let n = 1; n <= pages; n += 1) await writer.add(context(n), [Buffer.alloc(page - header, 'a')]);
    await writer.flush();
    expect(compressed).toEqual(members);
  });

  test.each([
    ['cut in its last member', (body: Buffer) => body.subarray(0, -5)],
    ['followed by other bytes', (body: Buffer) => Buffer.concat([body, bytes('more of it')])],
    ['empty', () => Buffer.alloc(0)],
  ])('is refused as damaged if %s', async (_how, damage) => {
    const { store, add, writer, id } = place(MEGABYTE);
    for (const page of [1, 2, 3]) await add(page);
    const [KEY = ''] = await writer.flush();
    store.objects.set(KEY, damage(Buffer.from(store.objects.get(KEY) ?? [])));
    const reading = readRawPages(KEY, id, { store, codec: nodePorts.codec });
    await expect(reading).rejects.toThrow(`${KEY} in memory is damaged; restore it or remove it`);
  });

  test('is refused as damaged wherever it is cut', async () => {
    const { store, add, writer, id } = place(MEGABYTE);
    await add(1);
    const [KEY = ''] = await writer.flush();
    const whole = Buffer.from(store.objects.get(KEY) ?? []);
    expect(await readRawPages(KEY, id, { store, codec: nodePorts.codec })).toHaveLength(1);
    for (let length = 0; length < whole.length; length += 1) {
      store.objects.set(KEY, whole.subarray(0, length));
      await expect(readRawPages(KEY, id, { store, codec: nodePorts.codec })).rejects.toThrow('is damaged');
    }
  });

  test('is refused as damaged if any byte after the header of its format is another one', async () => {
    const { store, add, writer, id } = place(MEGABYTE);
    await add(1);
    const [KEY = ''] = await writer.flush();
    const whole = Buffer.from(store.objects.get(KEY) ?? []);
    const unseen: number[] = [];
    for (let n = 10; n < whole.length; n += 1) {
      store.objects.set(
        KEY,
        whole.map((byte, at) => (at === n ? byte ^ 1 : byte)),
      );
      const fault = await readRawPages(KEY, id, { store, codec: nodePorts.codec }).catch((error) => error);
      if (!(fault instanceof StateError)) unseen.push(n);
    }
    expect(whole.length).toBeGreaterThan(80);
    expect(unseen).toEqual([]);
  });
});
