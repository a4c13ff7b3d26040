import { NotFoundError, ShortListError } from '../errors.ts';
import { durationMs } from '../settings.ts';
import type { List, ListingStream } from '../source.ts';
import { DAY_MS, HOUR_MS } from '../time.ts';
import { markAbsent } from './absence.ts';
import type { Pass } from './plan.ts';
import { type Run, warnOnce } from './run.ts';
import { eachOf, toleratingFailures } from './tolerate.ts';
import { type Claims, type Walked, type WalkOptions, walkList } from './walk.ts';

/** Walks beyond the first, for a list that came up short of its own total. */
const WALKS_AGAIN = 3;
/** After a sweep that proves nothing, the next is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;

/** All walks of one list in a pass. */
interface ListOutcome {
  readonly list: List;
  readonly keys: ReadonlySet<string>;
  readonly last: Walked;
  /** Walked from its first page to the vendor's end, the total steady and met. */
  readonly clean: boolean;
  readonly complete: boolean;
}

/** Reads all lists of a sweep or a window; a sweep that is clean throughout draws what absence proves. */
export async function readWhole(run: Run, pass: Pass, sweepEvery: string): Promise<void> {
  const claims: Claims = new Map();
  const outcomes: ListOutcome[] = [];
  const sweep = pass.kind === 'sweep';
  const tolerant = toleratingFailures();
  const begin = pass.resume
    ? Math.max(
        0,
        pass.lists.findIndex(({ id }) => id === pass.resume?.list),
      )
    : 0;
  let untouched = begin === 0 && pass.resume === undefined;
  for (const list of pass.lists.slice(begin)) {
    run.progress.position = { kind: sweep ? 'sweep' : 'window', list: list.id, from: pass.window?.from.getTime() };
    const startPage = pass.resume?.list === list.id ? pass.resume.page - 1 : undefined;
    const options = { list, kind: pass.kind, window: pass.window, claims, sweep: sweep && untouched };
    const outcome = await tolerant.attempt(() => walkUntilMet(run, options, startPage));
    if (outcome) outcomes.push(outcome);
    untouched &&= outcome?.clean !== false && tolerant.failed() === 0;
  }
  run.progress.position = undefined;
  if (sweep) await concludeSweep(run, { outcomes, clean: untouched, sweepEvery, resumed: pass.resume !== undefined });
  tolerant.rethrow();
}

/** What a sweep came to. */
interface Swept {
  readonly outcomes: readonly ListOutcome[];
  readonly clean: boolean;
  readonly resumed: boolean;
  readonly sweepEvery: string;
}

async function concludeSweep(run: Run, { outcomes, clean, resumed, sweepEvery }: Swept): Promise<void> {
  const { progress, at } = run;
  const stream = run.stream as ListingStream;
  // A walk that goes on after a cut has not seen the lists whole, so it says nothing of their order.
  const order = resumed
    ? progress.state.order
    : (stream.order.find((field) => isNewestFirst(outcomes, field)) ?? 'none');
  const proven = clean && run.progress.failures.length === 0;
  const keys = new Set(outcomes.flatMap((outcome) => [...outcome.keys]));
  const removable = stream.tables[0].removal === 'by-absence';
  const lists = new Set(outcomes.map(({ list }) => list.id));
  const suspects = proven && removable ? await markAbsent(run, { keys, lists }) : 0;
  const again = !proven
    ? Math.min(UNPROVEN_MS, durationMs(sweepEvery))
    : suspects > 0
      ? HOUR_MS
      : durationMs(sweepEvery);
  progress.vendorTotal = sumOf(outcomes.filter(({ list }) => !list.sweepOnly).map(({ last }) => last.total));
  progress.state = { ...progress.state, order, sweptAt: at, sweepDueAt: at + again, resume: undefined };
}

/** No list contradicts the order, and at least one shows it. */
function isNewestFirst(outcomes: readonly ListOutcome[], field: string): boolean {
  const orders = outcomes.map(({ last }) => last.order);
  return orders.every((order) => order.holds(field)) && orders.some((order) => order.verified().includes(field));
}

/**
 * Walks a list, and again (at most three times) where it came up short of its own total or where the total fell on the way. A
 * total that moves is drift and no error; a steady shortfall is one, once every other list is read.
 * @returns undefined where the vendor says that the list is gone
 */
async function walkUntilMet(run: Run, options: WalkOptions, startPage?: number): Promise<ListOutcome | undefined> {
  const keys = new Set<string>();
  let last = await walkFrom(run, options, startPage);
  if (!last) return undefined;
  const resumed = startPage !== undefined && last.pages > 0 && startPage > run.stream.firstPage;
  for (let again = 0; ; again += 1) {
    for (const key of last.keys) keys.add(key);
    noteScan(run, options, last);
    const short = last.total !== undefined && keys.size + last.keyless < last.total;
    if (resumed || (!short && !last.fell)) break;
    if (again === WALKS_AGAIN) {
      if (short && !last.drift) run.progress.failures.push(shortOf(run, options.list, last, keys.size));
      break;
    }
    last = (await walkFrom(run, options)) ?? last;
  }
  const met = last.total === undefined || last.keys.size + last.keyless === last.total;
  return {
    list: options.list,
    keys,
    last,
    complete: last.complete,
    clean: last.complete && !resumed && !last.drift && met,
  };
}

function shortOf({ stream, id }: Run, { id: list }: List, { total, pages }: Walked, shown: number): ShortListError {
  const told = `its own total says ${total}, ${WALKS_AGAIN + 1} walks of ${pages} pages showed ${shown}`;
  return new ShortListError(
    `${stream.path}: list ${list} comes up short (${told}); what was shown is kept, the next run tries again`,
    id,
  );
}

/** A walk that goes on after a cut must find a key it knows in the page before, else the list has moved and is walked whole. */
async function walkFrom(run: Run, options: WalkOptions, startPage?: number): Promise<Walked | undefined> {
  const { firstPage, mayVanish } = run.stream;
  const onPage = (page: number) => {
    run.progress.nextPage = page;
  };
  try {
    if (startPage === undefined || startPage <= firstPage) return await walkList(run, { ...options, onPage });
    const known = new Set(run.digest.entries.keys());
    let overlaps = true;
    const first = { checked: false };
    const walked = await walkList(run, {
      ...options,
      onPage,
      startPage,
      enough: ({ shown }) => {
        if (!first.checked) overlaps = shown.some((key) => known.has(key));
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

function noteScan(
  { progress }: Run,
  { list, kind }: WalkOptions,
  { pages, records, total, complete, drift }: Walked,
): void {
  progress.scans.push({ list: list.id, kind, pages, records, total: total ?? null, complete, drift });
}

function sumOf(totals: readonly (number | undefined)[]): number | null {
  const known = totals.filter((total) => total !== undefined);
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
}

/**
 * Reads each list from its head, newest first, until a whole page is known and unchanged and older than `until`. The order is
 * watched: where it breaks, or where the vendor counts more than is known, the walk goes on to the end.
 */
export async function readHeads(run: Run, { lists, until = 0 }: Pass): Promise<void> {
  const { progress } = run;
  const field = progress.state.order ?? 'none';
  const claims: Claims = new Map();
  const totals: (number | undefined)[] = [];
  const tolerant = toleratingFailures();
  for (const list of lists) {
    const walk = () =>
      walkFrom(run, {
        list,
        kind: 'head',
        claims,
        sweep: false,
        enough: (page, { order, total }) => {
          const least = order.leastOnPage(field);
          const deep = page.changed === 0 && page.shown.length > 0 && least !== undefined && least < until;
          return deep && order.holds(field) && (total === undefined || total <= liveIn(run, list));
        },
      });
    const walked = await tolerant.attempt(walk);
    if (!walked) continue;
    noteScan(run, { list, kind: 'head', claims, sweep: false }, walked);
    totals.push(walked.total);
    if (!walked.order.holds(field)) progress.state = { ...progress.state, order: 'none' };
  }
  progress.vendorTotal = sumOf(totals);
  tolerant.rethrow();
}

/** Keys not known to be removed, of this list where there are several. */
function liveIn({ digest, stream }: Run, { id }: List): number {
  let live = 0;
  const all = stream.lists === undefined;
  for (const { d, g } of digest.entries.values()) if (d === undefined && (all || g === id || g === 'both')) live += 1;
  return live;
}

/** Reads each list from the day before the last record seen of it. Lists are independent, so a few are asked at once. */
export async function readByCursor(
  run: Run,
  { lists, backfill }: Pass,
  parents: ReadonlyMap<string, { readonly h: string }>,
): Promise<void> {
  const claims: Claims = new Map();
  await eachOf(lists, async (list) => {
    const cursor = run.digest.cursors.get(list.id);
    const window = cursor?.d === undefined || backfill ? undefined : { from: new Date((cursor.d - 1) * DAY_MS) };
    const outcome = await walkUntilMet(run, { list, kind: 'cursors', window, claims, sweep: false });
    const newest = outcome ? newestDay(run, outcome.keys) : undefined;
    const d = Math.max(newest ?? cursor?.d ?? Number.NEGATIVE_INFINITY, cursor?.d ?? Number.NEGATIVE_INFINITY);
    const v = parents.get(list.id)?.h;
    if (backfill) return;
    await run.serially(async () =>
      run.digest.setCursor(list.id, {
        r: run.at,
        ...(Number.isFinite(d) ? { d } : {}),
        ...(v === undefined ? {} : { v }),
      }),
    );
  });
  if (!backfill) run.progress.state = { ...run.progress.state, ranAt: run.at };
}

function newestDay({ digest }: Run, keys: ReadonlySet<string>): number | undefined {
  let newest: number | undefined;
  for (const key of keys)
    newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, digest.entries.get(key)?.p ?? Number.NEGATIVE_INFINITY);
  return newest;
}

/** Reads the figures of a range of days for each list. */
export async function readDays(run: Run, { lists, window, backfill }: Pass): Promise<void> {
  const claims: Claims = new Map();
  // History is read range by range; a list counts as read once the last of them is through.
  const last = !backfill && (window?.to?.getTime() ?? run.at) >= run.at;
  await eachOf(lists, async (list) => {
    await walkUntilMet(run, { list, kind: 'days', window, claims, sweep: false });
    if (last) await run.serially(async () => run.digest.setCursor(list.id, { r: run.at }));
  });
}
