import { type CallhouseError, type ExitCode, ListUnavailableError, OutOfTimeError } from './errors.ts';
import type { Commit, LoadStatus, Scan } from './lake/commit.ts';
import type { CommitName, StreamId } from './lake/objects.ts';
import type { StreamState } from './lake/stream-state.ts';

/** Result of one run of one stream. */
export interface StreamResult {
  readonly stream: string;
  /** `busy`: another run committed first, and continues. */
  readonly status: LoadStatus | 'busy';
  readonly requests: number;
  readonly records: number;
  readonly changed: number;
  readonly deleted: number;
  readonly rejected: number;
  /** Texts that `callhouse` does not show, by `<table>.<column>`; missing if the stream's state could not be read. */
  readonly hidden?: Readonly<Record<string, number>>;
  /** Removals that wait for a confirmation; missing if the stream's state could not be read. */
  readonly heldRemovals?: number;
  /** The failure, in one line with its remedy. */
  readonly error?: string;
  readonly exitCode: ExitCode;
}

/** Result of one run of one account. */
export interface ExtractResult {
  readonly source: string;
  readonly account: string;
  /** Scheduled time of the run, ISO 8601. */
  readonly at: string;
  readonly streams: readonly StreamResult[];
  /** Set if no stream could be tried: credentials are missing, or another run is in progress. */
  readonly error?: string;
  readonly exitCode: ExitCode;
}

/** Result of one load. */
export interface LoadResult {
  /** Commits loaded. */
  readonly commits: number;
  /** Rows changed, by qualified table name. */
  readonly changed: Readonly<Record<string, number>>;
  /** The stream that is furthest behind, and when its oldest commit was made that is not loaded, ISO 8601; missing if all is loaded. */
  readonly behind?: StreamId & { readonly since: string };
  /** Faults that the checks after the load found, each in one line of counts and names; missing if there are none. */
  readonly faults?: readonly string[];
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

const WORST_FIRST: readonly ExitCode[] = [130, 1, 5, 4, 2, 3, 6, 7, 0];

/** The most important exit code: 130, then 1, 5, 4, 2, 3, 6, 7. @returns 0 if there is no other */
export function worstOf(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? 0;
}

/** A greater total may be a telephone number, which no message and no table may show. */
const MOST_SHOWN = 1e9;

/** The vendor's total as it may be shown; null if there is none, or one that no list has. */
export function shownTotal(total: number | null | undefined): number | null {
  return total === null || total === undefined || total >= MOST_SHOWN ? null : total;
}

/** The result of two turns of a stream in one run: counts are added, the rest is that of the second turn. */
export function withEarlier(before: StreamResult | undefined, after: StreamResult): StreamResult {
  const sum = (of: 'requests' | 'records' | 'changed' | 'deleted' | 'rejected') => (before?.[of] ?? 0) + after[of];
  const counts = { records: sum('records'), changed: sum('changed'), deleted: sum('deleted') };
  return { ...after, ...counts, requests: sum('requests'), rejected: sum('rejected') };
}

/** What was read since the last commit. */
export interface Tally {
  readonly scans: readonly Scan[];
  readonly records: number;
  readonly requests: number;
  readonly vendorTotal: number | null;
  /** The stretch of time that the present read covers, ms; null where it is open. */
  readonly window: { readonly from: number | null; readonly to: number | null };
}

/** How far one run of one stream has come. */
export interface StreamProgress {
  readonly state: () => StreamState;
  /** True until the stream was read completely once. */
  readonly isFirstLoad: () => boolean;
  updateState(change: Partial<StreamState>): void;
  addScan(scan: Scan): void;
  addRecords(count: number): void;
  setVendorTotal(total: number | null): void;
  setWindow(window: Tally['window']): void;
  /** Notes a failure. What was read completely is still committed; the first failure decides the run's exit code. */
  fail(error: CallhouseError): void;
  /** `ok` without a failure, `partial` if the run was cut, else `failed`. */
  readonly status: () => LoadStatus;
  /** Commit that is being prepared. */
  readonly next: () => CommitName;
  /** Keys of the digest objects of the last commit. */
  readonly digests: () => readonly string[];
  /** The clock when the run began, ms. */
  readonly startedAt: number;
  /** The clock at the last commit, or when the run began, ms. */
  readonly committedAt: () => number;
  readonly tally: () => Tally;
  /** Begins the next commit. */
  committed(commit: Commit, next: CommitName): void;
  /** Counts of all commits of this run, and its first failure. */
  readonly result: (status: LoadStatus) => Omit<StreamResult, 'stream'>;
}

/** Where a run begins. */
export interface ProgressOptions {
  readonly state: StreamState;
  readonly digests: readonly string[];
  readonly next: CommitName;
  readonly now: () => number;
  /** Requests that the account's client has sent, of all streams. */
  readonly requests: () => number;
}

const COUNTED = ['requests', 'records', 'changed', 'deleted', 'rejected'] as const;

/** Progress at the beginning of a run. */
export function newProgress({ now, requests, ...begin }: ProgressOptions): StreamProgress {
  const failures: CallhouseError[] = [];
  const totals = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
  let { state, digests, next } = begin;
  let window: Tally['window'] = { from: null, to: null };
  let vendorTotal: number | null = null;
  let since = { scans: [] as Scan[], records: 0, requests: requests(), at: now() };
  return {
    state: () => state,
    isFirstLoad: () =>
      state.sweptAt === undefined && state.ranAt === undefined && Object.keys(state.tiers).length === 0,
    updateState(change) {
      state = { ...state, ...change };
    },
    addScan: (scan) => void since.scans.push(scan),
    addRecords(count) {
      since.records += count;
    },
    setVendorTotal(total) {
      vendorTotal = shownTotal(total);
    },
    setWindow(stretch) {
      window = stretch;
    },
    fail: (error) => void failures.push(error),
    status: () => statusOf(failures[0]),
    next: () => next,
    digests: () => digests,
    startedAt: since.at,
    committedAt: () => since.at,
    tally: () => ({ ...since, requests: requests() - since.requests, vendorTotal, window }),
    committed(commit, following) {
      for (const name of COUNTED) totals[name] += commit.counts[name];
      digests = commit.digests;
      next = following;
      since = { scans: [], records: 0, requests: requests(), at: now() };
    },
    result(status) {
      const [failure] = failures;
      const counts = { ...totals, heldRemovals: state.held?.count ?? 0, hidden: state.hidden ?? {} };
      return failure
        ? { status, ...counts, error: failure.message, exitCode: failure.exitCode }
        : { status, ...counts, exitCode: 0 };
    },
  };
}

type StatePart = Pick<StreamProgress, 'state' | 'updateState'>;

/** The name of a place where a read was cut. */
export function placeOf(partition: string, page: number): string {
  return `${partition} ${page}`;
}

/** Counts a run that fails at the place where an earlier one was cut. @returns how many have failed there */
export function countStuck({ state, updateState }: StatePart, partition: string, page: number): number {
  const { stuckAt = {} } = state();
  const place = placeOf(partition, page);
  const runs = (stuckAt[place] ?? 0) + 1;
  updateState({ stuckAt: { ...stuckAt, [place]: runs } });
  return runs;
}

/** Forgets the runs that failed at places, because the vendor shows them, or because no read continues there any more. */
export function clearStuck({ state, updateState }: StatePart, isShown: (place: string) => boolean): void {
  const stuck = Object.entries(state().stuckAt ?? {});
  const left = stuck.filter(([place]) => !isShown(place));
  if (left.length < stuck.length) updateState({ stuckAt: left.length > 0 ? Object.fromEntries(left) : undefined });
}

/** How a run with this failure ended. */
export function statusOf(failure: CallhouseError | undefined): LoadStatus {
  if (failure === undefined) return 'ok';
  const isCut = failure instanceof OutOfTimeError || failure instanceof ListUnavailableError;
  return (isCut && failure.exitCode === 6) || failure.exitCode === 130 ? 'partial' : 'failed';
}
