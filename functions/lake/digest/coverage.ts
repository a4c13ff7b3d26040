/** Instants beyond all that a record may have, ms. */
export const BEFORE_ALL = -8.64e15;
export const AFTER_ALL = 8.64e15;
/** Stands for the instant of records that have none. */
export const NO_INSTANT = BEFORE_ALL;

/** What the pages of a sorted list say about a record of which they show none. */
export type Judgement = 'inside' | 'tied' | 'edge';

/**
 * The stretches of a sorted list that pages have shown. A page shows its list at one instant, so a record that sorts strictly between
 * two records of a page and is not on it was not in the list then. What sorts between two pages may have been on neither.
 */
export interface Coverage {
  /** Adds a page, by the instants of its oldest and newest record, ms; the ends of the list are {@link BEFORE_ALL} and {@link AFTER_ALL}. */
  add(from: number, to: number): void;
  /** Notes an instant that the last record of one page and the first record of the next one share, ms. */
  addTie(at: number): void;
  readonly hasTies: () => boolean;
  /** Where a record with this instant would be: inside a page, among records that share their instant at an edge, or on an edge. */
  judge(at: number): Judgement;
  readonly stored: () => StoredCoverage;
}

/** Coverage as it is stored: begin and end of each stretch, ascending, and the ties. */
export interface StoredCoverage {
  readonly spans: readonly number[];
  readonly ties: readonly number[];
}

/** Coverage of one list. @param begin what earlier runs have stored */
export function newCoverage({ spans: begin, ties: shared }: StoredCoverage = { spans: [], ties: [] }): Coverage {
  /** Begins and ends in turn, ascending. A stretch contains neither of its ends. */
  const spans = [...begin];
  const ties = new Set(shared);
  /** The place of the first stretch that ends after an instant. */
  const firstAfter = (at: number) => {
    let [least, most] = [0, spans.length / 2];
    while (least < most) {
      const middle = (least + most) >>> 1;
      if ((spans[2 * middle + 1] ?? 0) <= at) least = middle + 1;
      else most = middle;
    }
    return least;
  };
  return {
    add(from, to) {
      if (from >= to) return;
      const first = firstAfter(from);
      let end = first;
      while (2 * end < spans.length && (spans[2 * end] ?? 0) < to) end += 1;
      const joined =
        first === end ? [from, to] : [Math.min(from, spans[2 * first] ?? from), Math.max(to, spans[2 * end - 1] ?? to)];
      spans.splice(2 * first, 2 * (end - first), ...joined);
    },
    addTie: (at) => void ties.add(at),
    hasTies: () => ties.size > 0,
    judge(at) {
      const span = firstAfter(at);
      if (at > (spans[2 * span] ?? AFTER_ALL)) return 'inside';
      return ties.has(at) ? 'tied' : 'edge';
    },
    stored: () => ({ spans, ties: [...ties] }),
  };
}
