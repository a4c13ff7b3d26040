/** A record's place in a list: ascending by `sortMs`, then by order of arrival. */
export interface Sortable {
  readonly seq: number;
  sortMs: number;
}

/** Puts an item where it belongs in an ascending list. */
export function insertSorted<T extends Sortable>(list: T[], item: T): void {
  list.splice(findPlace(list, item), 0, item);
}

/** Takes an item out of an ascending list; its `sortMs` must be the one it was inserted with. */
export function removeSorted<T extends Sortable>(list: T[], item: T): void {
  const place = findPlace(list, item);
  if (list[place] === item) list.splice(place, 1);
}

/** Index of the first item that is not before `item`. */
function findPlace(list: readonly Sortable[], item: Sortable): number {
  return findFirst(list, (other) => !isBefore(other, item));
}

/** Index of the first item that satisfies a test which all later items satisfy too. */
export function findFirst<T>(list: readonly T[], test: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && test(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBefore(a: Sortable, b: Sortable): boolean {
  return a.sortMs < b.sortMs || (a.sortMs === b.sortMs && a.seq < b.seq);
}

/** One page of a list that is kept ascending and may be served descending; `start` counts in the order served. */
export function takePage<T>(list: readonly T[], start: number, count: number, newestFirst: boolean): T[] {
  if (!newestFirst) return list.slice(start, start + count);
  const end = Math.max(list.length - start, 0);
  return list.slice(Math.max(end - count, 0), end).reverse();
}
