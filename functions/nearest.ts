/**
 * Suggests the most similar name.
 * @returns ` (did you mean x?)`, or '' if no name is similar
 */
export function didYouMean(written: string, names: readonly string[]): string {
  const ranked = names.map((name) => ({ name, far: distance(written.toLowerCase(), name.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, Math.floor(best.name.length / 3)) ? ` (did you mean ${best.name}?)` : '';
}

/**
 * Number of letters to insert, remove, replace or swap with their neighbour (Damerau-Levenshtein distance).
 * @see {@link https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance}
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min((last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, swapped));
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
