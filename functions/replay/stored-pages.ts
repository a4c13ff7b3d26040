import { readStoredPage } from '../extract/pages/stored-page.ts';
import type { StreamId } from '../lake/objects.ts';
import { readRawPages } from '../lake/raw-pages.ts';
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
  ports: Pick<Ports, 'store' | 'codec'>,
): AsyncGenerator<readonly StoredRecord[]> {
  for (const key of keys) {
    for (const page of await readRawPages(key, id, ports)) {
      const { partition } = page.context;
      yield readStoredPage(stream, page).records.map((record) => ({ record, partition }));
    }
  }
}
