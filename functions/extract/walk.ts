import { ContractError } from '../errors.ts';
import type { List, Window } from '../source.ts';
import { type FetchedPage, fetchPage, hasNextWay, takeNextWay } from './fetch-page.ts';
import { type OrderWatch, watchOrder } from './order.ts';
import type { Run } from './run.ts';
import { type PageOutcome, takePage } from './take-page.ts';

/** How one list is walked. */
export interface WalkOptions {
  readonly list: List;
  readonly kind: string;
  readonly window?: Window;
  /** Page to begin at; the first where left out. */
  readonly startPage?: number;
  /** Asked after each page: is this far enough? Never asked where the vendor said that the list has ended. */
  readonly enough?: (page: PageOutcome, seen: WalkSoFar) => boolean;
  /** Told before each page is asked for. */
  readonly onPage?: (page: number) => void;
  /** Told of each page's records before any of them counts. */
  readonly onRead?: (records: readonly unknown[]) => void;
  /** Shared by all walks of a pass, for records that stand in several lists. */
  readonly claims: Claims;
  /** Read whole, each list so far completely. */
  readonly sweep: boolean;
}

/** List, or lists, that showed a key in this pass. */
export type Claims = Map<string, string | readonly string[]>;

/** What a walk knows at a page. */
export interface WalkSoFar {
  readonly order: OrderWatch;
  readonly total: number | undefined;
}

/** What a walk came to. */
export interface Walked {
  readonly pages: number;
  readonly records: number;
  readonly keys: ReadonlySet<string>;
  /** Records that the vendor counts and `keys` does not: without a key, or twice on one page, which no paging explains. */
  readonly uncounted: number;
  readonly total: number | undefined;
  /** It reached the vendor's own end. */
  readonly complete: boolean;
  /** The vendor's total moved while it was walked. */
  readonly drift: boolean;
  /** The total fell: rows moved up, and one may have been skipped at a page's edge. */
  readonly fell: boolean;
  readonly order: OrderWatch;
}

const LAST_PAGE = 100_000;
/** Pages in a row that may show nothing new before the list counts as one that never ends. */
const IDLE_PAGES = 3;

/** Walks one list page by page to the vendor's own end signal, judged on raw records. Rows of each page are taken at once. */
export async function walkList(run: Run, options: WalkOptions): Promise<Walked> {
  const { list, window } = options;
  const { firstPage, pageSize } = run.stream;
  const seen = startWalk(run);
  let number = options.startPage ?? firstPage;
  let before: string | undefined;
  for (;;) {
    options.onPage?.(number);
    const page = await fetchPage(run, { list, page: number, size: pageSize, window });
    if (page.page !== undefined && page.page !== number) {
      return walkAnew(run, options, `page ${number} was asked for and page ${page.page} is echoed`);
    }
    options.onRead?.(page.records);
    const outcome = await takePage(run, page, { ...options, page: number });
    if (outcome.shown.length > 0 && outcome.print === before) {
      if (isAllThereIs(run, page)) return seen.result(true);
      return walkAnew(run, options, `page ${number} repeats the page before it`);
    }
    seen.take(page, outcome);
    before = outcome.print;
    if (ends(page, pageSize)) return seen.result(true);
    seen.refuseEndless(run);
    if (options.enough?.(outcome, seen.soFar())) return seen.result(false);
    number += 1;
  }
}

/** The list does not move this way: it is walked again by the next. */
function walkAnew(run: Run, options: WalkOptions, why: string): Promise<Walked> {
  takeNextWay(run, why);
  return walkList(run, { ...options, startPage: undefined });
}

/** A vendor that has no pages gives everything each time; one that ignores the number alone stops at the size asked for. */
function isAllThereIs({ stream, progress }: Run, { more, records }: FetchedPage): boolean {
  return more === undefined && records.length !== stream.pageSize && !hasNextWay({ stream, progress });
}

function ends({ more, records }: FetchedPage, pageSize: number): boolean {
  return pageSize === 0 || (more === undefined ? records.length === 0 : !more);
}

function startWalk(run: Run) {
  const keys = new Set<string>();
  const order = watchOrder(run.stream.plan === 'listing' ? run.stream.order : []);
  const totals = { last: undefined as number | undefined, moved: false, fell: false };
  const counts = { pages: 0, records: 0, uncounted: 0, idle: 0 };
  return {
    take({ total, records }: FetchedPage, { shown, keyless }: PageOutcome) {
      if (total !== undefined && totals.last !== undefined && total !== totals.last) {
        totals.moved = true;
        totals.fell ||= total < totals.last;
      }
      totals.last = total ?? totals.last;
      const known = keys.size;
      for (const key of shown) keys.add(key);
      counts.pages += 1;
      counts.records += records.length;
      counts.uncounted += keyless + shown.length - new Set(shown).size;
      counts.idle = keys.size > known ? 0 : counts.idle + 1;
      order.see(records);
    },
    refuseEndless({ stream, id }: Run) {
      if (counts.idle < IDLE_PAGES && counts.pages < LAST_PAGE) return;
      throw new ContractError(
        `${stream.path}: the list says that more follows, and ${counts.idle} pages in a row showed nothing new; no row was dropped`,
        id,
      );
    },
    soFar: (): WalkSoFar => ({ order, total: totals.last }),
    result: (complete: boolean): Walked => ({
      ...counts,
      keys,
      total: totals.last,
      complete,
      drift: totals.moved,
      fell: totals.fell,
      order,
    }),
  };
}
