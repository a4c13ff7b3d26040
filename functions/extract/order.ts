import { isJsonObject } from '../../schemas/json-text.ts';
import { parseInstant } from '../time.ts';
import { orderValue } from './fetch-page.ts';

/** Watches whether a walk sees its records newest first, by any of the fields the list may be sorted by. */
export interface OrderWatch {
  /** Takes the next page's records, in the order served. */
  see(records: readonly unknown[]): void;
  /** Fields by which no record was newer than one before it, and at least two differed. */
  readonly verified: () => readonly string[];
  /** False once a record was newer than one before it. */
  readonly holds: (field: string) => boolean;
  /** Least value of the field on the last page, ms; undefined where no record had one. */
  readonly leastOnPage: (field: string) => number | undefined;
}

interface Seen {
  broken: boolean;
  differs: boolean;
  before: number | undefined;
  least: number | undefined;
}

/** A watch over one walk. Records without the field say nothing. */
export function watchOrder(fields: readonly string[]): OrderWatch {
  const seen = new Map(
    fields.map((field): [string, Seen] => [
      field,
      { broken: false, differs: false, before: undefined, least: undefined },
    ]),
  );
  return {
    see(records) {
      for (const [field, state] of seen) {
        state.least = undefined;
        for (const record of records) take(state, isJsonObject(record) ? instantOf(record[field]) : undefined);
      }
    },
    verified: () => [...seen].filter(([, { broken, differs }]) => !broken && differs).map(([field]) => field),
    holds: (field) => seen.get(field)?.broken === false,
    leastOnPage: (field) => seen.get(field)?.least,
  };
}

function take(state: Seen, value: number | undefined): void {
  if (value === undefined) return;
  if (state.before !== undefined && value > state.before) state.broken = true;
  if (state.before !== undefined && value < state.before) state.differs = true;
  state.before = value;
  state.least = Math.min(state.least ?? value, value);
}

/** Epochs are compared in milliseconds whatever their unit. */
function instantOf(value: unknown): number | undefined {
  const number = orderValue(value, (text) => parseInstant(text)?.ms);
  if (number === undefined || Number.isNaN(number)) return undefined;
  return typeof value === 'string' || Math.abs(number) >= 1e11 ? number : number * 1000;
}
