import type { Read } from '../reads/read.ts';
import type { StreamSession } from '../session/session.ts';
import { type PartitionOutcome, readPartition, type ScanPage } from './read-partition.ts';

type PartitionPages = AsyncGenerator<ScanPage, PartitionOutcome | undefined>;

/** Pages of all partitions of a read, partition by partition. Failures do not end the iteration with an error: the read has them. */
export async function* pagesOf(session: StreamSession, read: Read): AsyncGenerator<ScanPage> {
  const partitions = read.partitions.map((partition) => () => readPartition(session, read, partition));
  const ahead = read.isConcurrent ? session.tuning.partitionsAtOnce : 1;
  const open = new Set<PartitionPages>();
  try {
    for (const pages of requestAhead(partitions, ahead, open)) {
      const outcome = yield* pages;
      if (!outcome || !read.partitionDone(outcome)) return;
    }
  } finally {
    // Requests of partitions that were begun ahead end before the run goes on.
    await Promise.allSettled([...open].map((pages) => pages.return(undefined)));
  }
}

/**
 * Begins to read up to `ahead` partitions at once, and hands them out in order. Each waits with its first page until it is handed
 * out, so pages are compared and committed in the same order in every run.
 */
function* requestAhead(
  partitions: readonly (() => PartitionPages)[],
  ahead: number,
  open: Set<PartitionPages>,
): Generator<PartitionPages> {
  if (ahead <= 1) {
    for (const begin of partitions) yield begin();
    return;
  }
  const begun: PartitionPages[] = [];
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
function withFirstPage(pages: PartitionPages, open: Set<PartitionPages>): PartitionPages {
  open.add(pages);
  const first = pages.next();
  // It is awaited when the partition is handed out, if it ever is.
  first.catch(() => {});
  return continueWith(first, pages, open);
}

async function* continueWith(
  first: Promise<IteratorResult<ScanPage, PartitionOutcome | undefined>>,
  pages: PartitionPages,
  open: Set<PartitionPages>,
): PartitionPages {
  const result = await first;
  open.delete(pages);
  if (result.done) return result.value;
  yield result.value;
  return yield* pages;
}
