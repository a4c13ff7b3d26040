/**
 * Chooses the rows of a breakdown whose counts must be hidden, so that no count from 1 to `minimum` - 1 can be read or computed from the
 * others and the total. That is why a single small row takes the next smallest with it.
 * @param rows counts of each row, whose sums over all rows a reader may know; the counts of a row are parts of it, such as booked and not booked
 * @param minimum least count that may be shown; 1 hides nothing
 * @returns places of the rows to hide
 */
export function hiddenRows(rows: readonly (readonly number[])[], minimum: number): ReadonlySet<number> {
  const isSmall = (value: number) => value > 0 && value < minimum;
  const hidden = new Set([...rows.keys()].filter((place) => rows[place]?.some(isSmall)));
  const total = (place: number) => (rows[place] ?? []).reduce((sum, value) => sum + value, 0);
  const others = [...rows.keys()].filter((place) => !hidden.has(place) && total(place) > 0);
  others.sort((a, b) => total(b) - total(a));
  while (hidden.size > 0 && others.length > 0 && !isSafe(rows, hidden, isSmall)) hidden.add(others.pop() ?? 0);
  return hidden;
}

/** The total tells the sum of the hidden counts, so that must not be small itself. */
function isSafe(
  rows: readonly (readonly number[])[],
  hidden: ReadonlySet<number>,
  isSmall: (value: number) => boolean,
): boolean {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => column).every((column) => {
    return !isSmall([...hidden].reduce((sum, place) => sum + (rows[place]?.[column] ?? 0), 0));
  });
}

/** Shown for a count that is hidden. */
export const HIDDEN =
  '<span class="none" title="Hidden: it is small, or a small count could be computed from it.">hidden</span>';
