/** Pages of one partition: it yields `T` and returns `R`. */
type Pages<T, R> = AsyncGenerator<T, R>;

/**
 * Begins to read up to `ahead` partitions at once, and hands them out in order. Each waits with its first page until it is handed
 * out, so pages are compared and committed in the same order in every run.
 * @param open the partitions that were begun and not yet handed out; the caller ends them if it stops early
 */
export function* requestAhead<T, R>(
  partitions: readonly (() => Pages<T, R>)[],
  ahead: number,
  open: Set<Pages<T, R>>,
): Generator<Pages<T, R>> {
  const begun: Pages<T, R>[] = [];
  let next = 0;
  for (let handedOut = 0; handedOut < partitions.length; handedOut += 1) {
    for (; next < Math.min(partitions.length, handedOut + ahead); next += 1) {
      const begin = partitions[next];
      if (begin) begun.push(withFirstPage(begin(), open));
    }
    const pages = begun.shift();
    if (pages) yield pages;
  }
}

/** Requests the first page of a partition now. */
function withFirstPage<T, R>(pages: Pages<T, R>, open: Set<Pages<T, R>>): Pages<T, R> {
  open.add(pages);
  const first = pages.next();
  // It is awaited when the partition is handed out, if it ever is.
  first.catch(() => {});
  return continueWith(first, pages, open);
}

async function* continueWith<T, R>(
  first: Promise<IteratorResult<T, R>>,
  pages: Pages<T, R>,
  open: Set<Pages<T, R>>,
): Pages<T, R> {
  const result = await first;
  open.delete(pages);
  if (result.done) return result.value;
  yield result.value;
  return yield* pages;
}
