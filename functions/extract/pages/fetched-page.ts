import type { Page, Partition } from '../../source/page.ts';

/** A page as fetched: what it contains, its parsed body and its bytes. */
export interface FetchedPage extends Page {
  readonly partition: Partition;
  /** The page number that was requested. */
  readonly number: number;
  /** The token that it was requested with. */
  readonly token?: string | undefined;
  /** The key of each record; undefined for a record without one. */
  readonly keys: readonly (string | undefined)[];
  /** Records that were erased, and are not stored again; `body` and `bytes` are without them. Undefined if there are none. */
  readonly erased?: ReadonlySet<unknown> | undefined;
  readonly body: unknown;
  readonly bytes: Buffer;
}

/** What to do after an answer: take its page, or do what the answer says about the list. */
export type NextStep = FetchedPage | 'ask again' | 'ends' | 'ends in doubt' | 'has one page' | 'begin again';
