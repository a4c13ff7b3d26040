import { NotFoundError, ShortListError } from '../errors.ts';
import type { List } from '../source.ts';
import { type Run, warnOnce } from './run.ts';
import { type Walked, type WalkOptions, walkList } from './walk.ts';

/** Walks beyond the first, for a list that came up short of its own total. */
const WALKS_AGAIN = 3;

/** All walks of one list in a pass. */
export interface ListOutcome {
  readonly list: List;
  readonly keys: ReadonlySet<string>;
  readonly last: Walked;
  /** Walked from its first page to the vendor's end, the total steady and met. */
  readonly clean: boolean;
  /** It came up short of its own total, however often it was walked. */
  readonly short: boolean;
}

/**
 * Walks a list, and again (at most three times) where it came up short of its own total or where the total fell on the way. A
 * total that moves is drift and no error; a steady shortfall is one, once every other list is read.
 * @returns undefined where the vendor says that the list is gone
 */
export async function walkUntilMet(
  run: Run,
  options: WalkOptions,
  startPage?: number,
): Promise<ListOutcome | undefined> {
  let last = await walkFrom(run, options, startPage);
  if (!last) return undefined;
  let keys = last.keys;
  const resumed = startPage !== undefined && startPage > run.stream.firstPage;
  let short = false;
  for (let again = 0; ; again += 1) {
    noteScan(run, options, last);
    short = !resumed && last.total !== undefined && keys.size + last.uncounted < last.total;
    if (resumed || (!short && !last.fell)) break;
    if (again === WALKS_AGAIN) {
      if (short && !last.drift) run.progress.failures.push(shortOf(run, options.list, last, keys.size));
      break;
    }
    last = (await walkFrom(run, options)) ?? last;
    keys = union([keys, last.keys]);
  }
  const met = last.total === undefined || last.keys.size + last.uncounted === last.total;
  return { list: options.list, keys, last, short, clean: last.complete && !resumed && !last.drift && met };
}

/** All keys of several walks or lists. */
export function union(sets: Iterable<ReadonlySet<string>>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const set of sets) for (const key of set) all.add(key);
  return all;
}

function shortOf({ stream, id }: Run, { id: list }: List, { total, pages }: Walked, shown: number): ShortListError {
  const told = `its own total says ${total}, ${WALKS_AGAIN + 1} walks of ${pages} pages showed ${shown}`;
  return new ShortListError(
    `${stream.path}: list ${list} comes up short (${told}); what was shown is kept, the next run tries again`,
    id,
  );
}

/** A walk that goes on after a cut must find a key it knows in the page before, else the list has moved and is walked whole. */
export async function walkFrom(run: Run, options: WalkOptions, startPage?: number): Promise<Walked | undefined> {
  const { firstPage, mayVanish } = run.stream;
  const onPage = (page: number) => {
    run.progress.nextPage = page;
  };
  try {
    if (startPage === undefined || startPage <= firstPage) return await walkList(run, { ...options, onPage });
    let overlaps = true;
    const first = { checked: false };
    const walked = await walkList(run, {
      ...options,
      onPage,
      startPage,
      enough: (page) => {
        if (!first.checked) overlaps = page.overlaps;
        first.checked = true;
        return !overlaps;
      },
    });
    return overlaps && first.checked ? walked : await walkList(run, { ...options, onPage });
  } catch (error) {
    if (!mayVanish || !(error instanceof NotFoundError)) throw error;
    warnOnce(run, 'a list is gone at the vendor (404); its rows stay');
    return undefined;
  }
}

/** Notes a walk for the commit. */
export function noteScan(
  { progress }: Run,
  { list, kind }: WalkOptions,
  { pages, records, total, complete, drift }: Walked,
): void {
  progress.scans.push({ list: list.id, kind, pages, records, total: total ?? null, complete, drift });
}

/** The vendor's count of several lists; null where it gives none. */
export function sumOf(totals: readonly (number | undefined)[]): number | null {
  const known = totals.filter((total) => total !== undefined);
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
}
