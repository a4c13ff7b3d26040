import { valueAtPath } from '../../../schemas/json-text.ts';
import { sortInstant } from '../rows/coerce.ts';

/** Tracks whether records come newest first, by any of the fields that a list may be sorted by. */
export interface SortOrder {
  /** Takes the next page's records, in the order served. @param isAgain true for a record that an earlier page showed */
  see(records: readonly unknown[], isAgain?: (n: number) => boolean): void;
  /** The next page is not the one that follows. */
  jump(): void;
  /** Fields by which no record was newer than one before it, and at least two differed. */
  readonly verified: () => readonly string[];
  /** False once a record was newer than one before it. */
  readonly isNewestFirst: (field: string) => boolean;
  /** Least and greatest value of the field on the last page, ms; undefined if no record had one. */
  readonly oldestOnPage: (field: string) => number | undefined;
  readonly newestOnPage: (field: string) => number | undefined;
  /** Value of the field in the last page's first and last record; undefined if they have none, or if the page is empty. */
  readonly endsOfPage: (field: string) => PageEnds;
}

/** See `endsOfPage`. */
export interface PageEnds {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

interface FieldOrder {
  readonly path: readonly string[];
  isBroken: boolean;
  differs: boolean;
  before: number | undefined;
  oldest: number | undefined;
  newest: number | undefined;
  ends: PageEnds;
}

/** Tracks one reading of a partition. Records without the field say nothing. */
export function trackSortOrder(fields: readonly string[]): SortOrder {
  const orders = new Map<string, FieldOrder>();
  for (const field of fields)
    orders.set(field, {
      path: field.split('.'),
      isBroken: false,
      differs: false,
      before: undefined,
      oldest: undefined,
      newest: undefined,
      ends: { first: undefined, last: undefined },
    });
  return {
    see(records, isAgain = () => false) {
      for (const order of orders.values()) {
        order.oldest = undefined;
        order.newest = undefined;
        const values = records.map((record) => sortInstant(valueAtPath(record, order.path)));
        for (const [n, value] of values.entries()) take(order, value, isAgain(n));
        order.ends = { first: values[0], last: values.at(-1) };
      }
    },
    jump() {
      for (const order of orders.values()) order.before = undefined;
    },
    verified: () => [...orders].filter(([, { isBroken, differs }]) => !isBroken && differs).map(([field]) => field),
    isNewestFirst: (field) => orders.get(field)?.isBroken === false,
    oldestOnPage: (field) => orders.get(field)?.oldest,
    newestOnPage: (field) => orders.get(field)?.newest,
    endsOfPage: (field) => orders.get(field)?.ends ?? { first: undefined, last: undefined },
  };
}

function take(order: FieldOrder, value: number | undefined, isAgain: boolean): void {
  if (value === undefined) return;
  order.oldest = Math.min(order.oldest ?? value, value);
  order.newest = Math.max(order.newest ?? value, value);
  if (isAgain) return;
  if (order.before !== undefined && value > order.before) order.isBroken = true;
  if (order.before !== undefined && value < order.before) order.differs = true;
  order.before = value;
}
