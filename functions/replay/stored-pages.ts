import { StateError } from '../errors.ts';
import { storedRecords } from '../extract/redact/redact-raw.ts';
import { parseJson } from '../http/lossless-json.ts';
import type { StreamId } from '../lake/objects.ts';
import { decodeRawPages } from '../lake/raw-pages.ts';
import type { Ports } from '../ports.ts';
import type { Stream } from '../source/source.ts';

/** A record of a page that was kept. */
export interface StoredRecord {
  readonly record: unknown;
  /** The partition that showed it. */
  readonly partition: string;
}

/**
 * Records of raw objects, page by page, in the order in which they were read. An object that has expired has none.
 * @throws StateError if an object is damaged
 */
export async function* storedPages(
  { stream, id }: { readonly stream: Stream; readonly id: StreamId },
  keys: readonly string[],
  { store, codec }: Pick<Ports, 'store' | 'codec'>,
): AsyncGenerator<readonly StoredRecord[]> {
  for (const key of keys) {
    const body = await store.get(key);
    if (!body) continue;
    const expanded = await codec.expand(body).catch(() => {
      throw new StateError(`${key} in ${store.name} is damaged; restore it or remove it, then run this again`, id);
    });
    for (const { context, body: page } of decodeRawPages(expanded)) {
      const { partition, page: number } = context;
      const request = { partition: { id: partition, context: {} }, page: number, size: stream.pageSize };
      const records = storedRecords(stream, parseJson(page.toString('utf8')), request);
      yield records.map((record) => ({ record, partition }));
    }
  }
}
