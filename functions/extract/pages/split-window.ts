import { ContractError } from '../../errors.ts';
import type { Window } from '../../source/page.ts';
import type { Stream, WindowRule } from '../../source/source.ts';
import { DAY_MS, durationMs } from '../../time.ts';
import type { StreamSession } from '../session/session.ts';
import type { PartitionScan } from './scan.ts';

/** A window this short is not halved. Where windows are in days, the shortest one has two, because neighbours share a day. */
const SHORTEST_MS = 120_000;
/** If this many windows of a list are full and too short to halve, the cap or the filter is not as declared. */
const MOST_TOO_FULL = 3;

/** The windows of one list, the newest first. Each ends where the one after it begins, so that no instant is between two. */
export interface Windows {
  /** The window to read; undefined for everything at once. */
  readonly current: () => Window | undefined;
  /** True if the window may have more records than the vendor shows per query, so that its other pages need not be read. */
  isCapped(scan: PartitionScan): boolean;
  /** Notes that the vendor shows no more records per query than this scan read. No declaration says so. */
  learnCap(scan: PartitionScan): void;
  /** Shortens the window to the days that the vendor allows, now that it has refused more. */
  shorten(): void;
  /** Halves the window, or the part of it that was shown. @returns false if it is too short for that */
  halve(scan: PartitionScan | undefined): boolean;
  /** The failure of a window that reached the cap and cannot be halved. */
  tooFull(): ContractError;
  /** Moves on to the window before. @param scan of the present one @returns false if there is none */
  moveOn(scan: PartitionScan): boolean;
  readonly isLast: () => boolean;
}

/** What is split. */
export interface SplitOptions {
  /** What the read covers; undefined for everything. */
  readonly range: Window | undefined;
  /** The window to begin with, if a run was cut in it. */
  readonly start: Window | undefined;
  /** Records of that window that were read before the cut. */
  readonly before: number;
}

/** Splits what a read covers into windows as the vendor allows them. */
export function splitWindow(session: StreamSession, { range, start, before }: SplitOptions): Windows {
  const { at, stream, id, progress } = session;
  const { window: rule } = stream;
  if (!rule) throw new Error(`${stream.path} declares no window`);
  let { cap = Number.POSITIVE_INFINITY } = rule;
  const limits = () => limitsOf(rule, progress.state().mostDays);
  let { longest, shortest, halfOf } = limits();
  // Without a range, the vendor shows everything at once, unless its cap is reached.
  const bottom = range?.from.getTime() ?? 0;
  const spanOf = (window?: Window) => (window?.to?.getTime() ?? at) - (window?.from.getTime() ?? 0);
  const endingAt = (to: number | undefined, span: number): Window => {
    const end = to ?? (longest < Number.POSITIVE_INFINITY ? at : undefined);
    const from = new Date(Math.max(bottom, (end ?? at) - span));
    return end === undefined ? { from } : { from, to: new Date(end) };
  };
  let span = start ? spanOf(start) : longest;
  let window = start ?? (range && endingAt(range.to?.getTime(), longest));
  let shownBefore = before;
  let failed = 0;
  const shownOf = (scan: PartitionScan) => shownBefore + scan.summary('').records;
  const canHalve = () => spanOf(window) > shortest;
  const isLast = () => window === undefined || window.from.getTime() <= bottom;
  return {
    current: () => window,
    isLast,
    isCapped(scan) {
      const isFull = shownOf(scan) >= cap;
      return isFull || ((scan.total() ?? 0) >= cap && (canHalve() || scan.isOver()));
    },
    learnCap(scan) {
      cap = Math.min(cap, shownOf(scan));
    },
    shorten() {
      ({ longest, shortest, halfOf } = limits());
      span = longest;
      window = endingAt(window?.to?.getTime(), span);
    },
    halve(scan) {
      if (!canHalve()) return false;
      // The records shown fill this stretch alone. Halving decades step by step would read the same records again and again.
      const shown = (window?.to?.getTime() ?? at) - (scan && shownOf(scan) >= cap ? oldestShown(stream, scan) : 0);
      shownBefore = 0;
      span = Math.min(longest, halfOf(spanOf(window)), Math.max(shortest, halfOf(shown)));
      window = endingAt(window?.to?.getTime(), span);
      return true;
    },
    tooFull() {
      failed += 1;
      return tooFull(stream.path, rule, cap, id);
    },
    moveOn(scan) {
      if (window === undefined || isLast() || failed >= MOST_TOO_FULL) return false;
      // After a dense stretch, windows grow again.
      if (shownOf(scan) * 2 < cap || failed > 0) span = Math.min(longest, span * 2);
      shownBefore = 0;
      window = endingAt(window.from.getTime(), span);
      return true;
    },
  };
}

/** The oldest instant that the last page showed, if the list is newest first; else 0, which is older than all. */
function oldestShown(
  { window, order, tables: [{ columns }] }: Pick<Stream, 'window' | 'tables'> & { readonly order?: readonly string[] },
  { order: seen }: PartitionScan,
): number {
  const paths = columns[window?.by ?? '']?.paths ?? [];
  const field = order?.find((path) => paths.includes(path) && seen.isNewestFirst(path));
  return (field === undefined ? undefined : seen.oldestOnPage(field)) ?? 0;
}

/**
 * Lengths of windows, ms. A day is written without its time, and both ends are included: 30 days are 29 apart.
 * @param mostDays that the vendor allows, if it has refused more
 */
function limitsOf({ as, longest: declared }: WindowRule, mostDays = Number.POSITIVE_INFINITY) {
  const longest = Math.min(declared === undefined ? Number.POSITIVE_INFINITY : durationMs(declared), mostDays * DAY_MS);
  if (as !== 'day') return { longest, shortest: SHORTEST_MS, halfOf: (span: number) => span / 2 };
  const halfOf = (span: number) => Math.max(1, Math.floor(span / 2 / DAY_MS)) * DAY_MS;
  return { longest: longest - DAY_MS, shortest: DAY_MS, halfOf };
}

function tooFull(path: string, rule: WindowRule, cap: number, id: StreamSession['id']): ContractError {
  const shortest = rule.as === 'day' ? 'two days' : 'two minutes';
  const declared = rule.cap === undefined ? '' : ' (window.cap)';
  return new ContractError(
    `${path}: a window of ${shortest} reaches the ${cap} records that the vendor shows per query${declared}, and no shorter ` +
      'one is requested; expected fewer. What was shown is kept, and no removal is found; ask the vendor for a way to list more, ' +
      'declare partitions that have fewer records each, or check that the vendor heeds the filter on time',
    id,
  );
}
