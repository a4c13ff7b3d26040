import type { List } from '../source.ts';
import { sweepFrom } from './absence.ts';
import type { FetchedPage } from './fetch-page.ts';
import { keepCheckpoint } from './finish.ts';
import type { FlatRecord } from './flatten.ts';
import { optsOut, pageWithout } from './opt-out.ts';
import { NO_REJECTS } from './rejects.ts';
import { allOrNothing, type Run, warnOnce } from './run.ts';
import type { Claims } from './walk.ts';

/** What one page came to. */
export interface PageOutcome {
  /** Keys of its records. */
  readonly shown: readonly string[];
  readonly keyless: number;
  /** Records that were new or differed. */
  readonly changed: number;
  /** One of its keys at least was known before. */
  readonly overlaps: boolean;
  /** Fingerprint: its keys in the order served. */
  readonly print: string;
}

/** What a page is taken with. */
export interface TakeOptions {
  readonly list: List;
  readonly page: number;
  readonly claims: Claims;
  readonly sweep: boolean;
}

/** Flattens, compares and stages one page, and keeps it raw if it brought anything. */
export function takePage(run: Run, page: FetchedPage, options: TakeOptions): Promise<PageOutcome> {
  // Lists may be asked for side by side; their pages are taken one after the other, so that a commit holds whole pages.
  return run.serially(() => allOrNothing(run, () => take(run, page, options)));
}

async function take(run: Run, page: FetchedPage, options: TakeOptions): Promise<PageOutcome> {
  const { progress, raw, stream } = run;
  const shown: string[] = [];
  const dropped: unknown[] = [];
  let changed = 0;
  let overlaps = false;
  for (const record of page.records) {
    if (optsOut(record, stream.tables[0])) dropped.push(record);
    const flat = flattenAs(run, record, options);
    if (!flat) continue;
    overlaps ||= run.digest.entries.has(flat.row.key) && !shown.includes(flat.row.key);
    shown.push(flat.row.key);
    if ((await compare(run, flat, options)) !== 'unchanged') changed += 1;
  }
  progress.records += page.records.length;
  // A record without a key is held nowhere else.
  if (changed > 0 || shown.length < page.records.length) {
    const body = dropped.length > 0 ? pageWithout(page, dropped, stream.tables) : [page.bytes];
    const context = { list: options.list.id, page: options.page, at: new Date(run.at).toISOString() };
    if (body !== undefined) await raw.add(context, body);
  }
  progress.nextPage = options.page + 1;
  await keepCheckpoint(run);
  return { shown, keyless: page.records.length - shown.length, changed, overlaps, print: shown.join() };
}

interface Claimed extends FlatRecord {
  readonly group: string | undefined;
}

/** A record that stands in several lists is settled by the source; its row then carries what the source decides. */
function flattenAs(run: Run, record: unknown, { list, claims, sweep }: TakeOptions): Claimed | undefined {
  const { stream, flatten, rejects, digest, aliases } = run;
  const stickyKey = (by: string) => aliases.get(by);
  const flat = flatten(record, { context: list.context, rejects, stickyKey });
  if (!flat) return undefined;
  if (stream.plan !== 'listing' || !stream.claim) return { ...flat, group: stream.lists ? list.id : undefined };
  const others = [claims.get(flat.row.key) ?? []].flat().filter((id) => id !== list.id);
  const settled = stream.claim({ list: list.id, earlier: others, known: digest.entries.get(flat.row.key)?.g, sweep });
  claims.set(flat.row.key, others.length === 0 ? list.id : [...others, list.id]);
  if (settled.warning) warnOnce(run, settled.warning);
  if (!settled.context) return { ...flat, group: settled.group };
  const again = flatten(record, {
    context: { ...list.context, ...settled.context },
    // Its doubts were counted the first time.
    rejects: NO_REJECTS,
    stickyKey,
  });
  return again ? { ...again, group: settled.group } : undefined;
}

async function compare(run: Run, { group, ...flat }: Claimed, { sweep }: TakeOptions) {
  const { digest, diff, aliases, progress, stream } = run;
  const before = digest.entries.get(flat.row.key);
  const change = await diff.record(flat, group);
  const after = digest.entries.get(flat.row.key);
  if (after?.a !== undefined) aliases.set(after.a, flat.row.key);
  if (stream.tables[0].optOut && flat.row.optedOut && before && before.o !== 1) {
    progress.state = { ...progress.state, purge: [...progress.state.purge, flat.row.key], purgedTo: undefined };
  }
  if (sweep && after && sweepFrom(run) !== after.w) digest.set(flat.row.key, { ...after, w: sweepFrom(run) });
  return change;
}
