import { ContractError } from '../../errors.ts';
import type { Scan } from '../../lake/commit.ts';
import type { Page, PageRequest, Partition, Window } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage } from './request-page.ts';
import { type SortOrder, trackSortOrder } from './sort-order.ts';

const MOST_PAGES = 100_000;
/** A list that shows nothing new on this many pages in a row, and says that more follow, never ends. */
const MOST_IDLE_PAGES = 3;

/** One reading of one partition, page by page. */
export interface PartitionScan {
  readonly request: () => PageRequest;
  /** Keys seen so far. */
  readonly keys: ReadonlySet<string>;
  /** Records that the vendor counts and `keys` does not: those without a key, and repeats within one page. */
  readonly uncounted: () => number;
  /** The vendor's last total, if it gives one. */
  readonly total: () => number | undefined;
  readonly order: SortOrder;
  /** The vendor's total changed during the scan, or fell: then records moved up, and one may have been skipped at a page's edge. */
  readonly totalChanged: () => boolean;
  readonly totalFell: () => boolean;
  /** The scan reached the vendor's own end. */
  readonly isComplete: () => boolean;
  /** The vendor served a page twice in a row and gives no end signal, so the list was taken to have one page only. */
  readonly endedByRepeat: () => boolean;
  readonly isOver: () => boolean;
  /** True before the first page is taken, if that is this page. */
  readonly isAtStart: (page: number) => boolean;
  /** True if the page has the same keys in the same order as the one before. */
  repeats(page: FetchedPage): boolean;
  /** Takes a page before its records are compared. */
  take(page: FetchedPage): void;
  /** Ends the scan, because nothing new is expected below. */
  stop(): void;
  endByRepeat(): void;
  /** Moves on after a page, or ends. @throws ContractError if the list never ends */
  advance(page: Page): void;
  readonly summary: (kind: string) => Scan;
}

/** What a scan reads. */
export interface ScanOptions {
  readonly partition: Partition;
  readonly window: Window | undefined;
  /** The page to begin with. */
  readonly startPage: number;
}

/** Begins to read a partition. */
export function startScan({ stream, id }: StreamSession, { partition, window, startPage }: ScanOptions): PartitionScan {
  const keys = new Set<string>();
  const order = trackSortOrder(stream.kind === 'collection' ? stream.order : []);
  const counts = { pages: 0, records: 0, uncounted: 0, idle: 0 };
  const total = { last: undefined as number | undefined, changed: false, fell: false };
  let number = startPage;
  let print: string | undefined;
  let end: 'vendor' | 'repeat' | 'stopped' | undefined;

  return {
    request: () => ({ partition, page: number, size: stream.pageSize, ...(window ? { window } : {}) }),
    keys,
    uncounted: () => counts.uncounted,
    total: () => total.last,
    order,
    totalChanged: () => total.changed,
    totalFell: () => total.fell,
    isComplete: () => end === 'vendor' || end === 'repeat',
    endedByRepeat: () => end === 'repeat',
    isOver: () => end !== undefined,
    isAtStart: (page) => counts.pages === 0 && number === page,
    repeats: (page) => page.keys.some((key) => key !== undefined) && page.keys.join() === print,
    take(page) {
      noteTotal(total, page.total);
      const known = keys.size;
      for (const key of page.keys) if (key !== undefined) keys.add(key);
      const shown = page.keys.filter((key) => key !== undefined);
      counts.pages += 1;
      counts.records += page.records.length;
      counts.uncounted += page.records.length - new Set(shown).size;
      counts.idle = keys.size > known ? 0 : counts.idle + 1;
      print = page.keys.join();
      order.see(page.records);
    },
    stop() {
      end ??= 'stopped';
    },
    endByRepeat() {
      end = 'repeat';
    },
    advance(page) {
      if (isLastPage(page, stream.pageSize)) end = 'vendor';
      if (end !== undefined) return;
      if (counts.idle >= MOST_IDLE_PAGES || counts.pages >= MOST_PAGES) {
        const seen = `${counts.idle} pages in a row showed nothing new, and the answer says that more follow`;
        throw new ContractError(`${stream.path}: ${seen}; expected the list to end. What was read is kept`, id);
      }
      number += 1;
    },
    summary: (kind) => ({
      list: partition.id,
      kind,
      pages: counts.pages,
      records: counts.records,
      total: total.last ?? null,
      complete: end === 'vendor' || end === 'repeat',
      drift: total.changed,
    }),
  };
}

function noteTotal(
  seen: { last: number | undefined; changed: boolean; fell: boolean },
  total: number | undefined,
): void {
  if (total === undefined) return;
  if (seen.last !== undefined && total !== seen.last) seen.changed = true;
  if (seen.last !== undefined && total < seen.last) seen.fell = true;
  seen.last = total;
}

/** The vendor's own end signal; without one, an empty page. */
function isLastPage({ more, records }: Page, pageSize: number): boolean {
  return pageSize === 0 || (more === undefined ? records.length === 0 : !more);
}
