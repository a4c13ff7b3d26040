import { isJsonObject, RawNumber } from '../../../schemas/json-text.ts';
import { parseInstant } from '../../time.ts';

/** Tracks whether records come newest first, by any of the fields that a list may be sorted by. */
export interface SortOrder {
  /** Takes the next page's records, in the order served. */
  see(records: readonly unknown[]): void;
  /** Fields by which no record was newer than one before it, and at least two differed. */
  readonly verified: () => readonly string[];
  /** False once a record was newer than one before it. */
  readonly isNewestFirst: (field: string) => boolean;
  /** Least value of the field on the last page, ms; undefined if no record had one. */
  readonly oldestOnPage: (field: string) => number | undefined;
}

interface FieldOrder {
  isBroken: boolean;
  differs: boolean;
  before: number | undefined;
  oldest: number | undefined;
}

/** Tracks one reading of a partition. Records without the field say nothing. */
export function trackSortOrder(fields: readonly string[]): SortOrder {
  const orders = new Map<string, FieldOrder>();
  for (const field of fields)
    orders.set(field, { isBroken: false, differs: false, before: undefined, oldest: undefined });
  return {
    see(records) {
      for (const [field, order] of orders) {
        order.oldest = undefined;
        for (const record of records) take(order, isJsonObject(record) ? instantOf(record[field]) : undefined);
      }
    },
    verified: () => [...orders].filter(([, { isBroken, differs }]) => !isBroken && differs).map(([field]) => field),
    isNewestFirst: (field) => orders.get(field)?.isBroken === false,
    oldestOnPage: (field) => orders.get(field)?.oldest,
  };
}

function take(order: FieldOrder, value: number | undefined): void {
  if (value === undefined) return;
  if (order.before !== undefined && value > order.before) order.isBroken = true;
  if (order.before !== undefined && value < order.before) order.differs = true;
  order.before = value;
  order.oldest = Math.min(order.oldest ?? value, value);
}

/** Milliseconds of an ISO text or of an epoch. An epoch below 10^11 is in seconds, a larger one in milliseconds. */
function instantOf(value: unknown): number | undefined {
  if (typeof value === 'string') return parseInstant(value)?.ms;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const epoch = value instanceof RawNumber ? Number(value.text) : isNumber ? Number(value) : Number.NaN;
  if (Number.isNaN(epoch)) return undefined;
  return Math.abs(epoch) >= 1e11 ? epoch : epoch * 1000;
}
