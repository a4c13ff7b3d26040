/** The vendor's count of several partitions; null if it gives none. */
export function sumOfTotals(totals: readonly (number | undefined)[]): number | null {
  const known = totals.filter((total) => total !== undefined);
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
}
