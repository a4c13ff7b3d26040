import { type CallhouseError, ListUnavailableError, OutOfTimeError } from '../../errors.ts';
import type { Commit, LoadStatus, Scan } from '../../lake/commit.ts';
import type { CommitName } from '../../lake/objects.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import { type StreamResult, shownTotal } from '../../results.ts';

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

/** Progress at the begin of a run. */
export function newProgress({ now, requests, ...begin }: ProgressOptions): StreamProgress {
  const failures: CallhouseError[] = [];
  const totals = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
  let { state, digests, next } = begin;
  let window: Tally['window'] = { from: null, to: null };
  let vendorTotal: number | null = null;
  let since = { scans: [] as Scan[], records: 0, requests: requests(), at: now() };
  return {
    state: () => state,
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

/** How a run with this failure ended. */
export function statusOf(failure: CallhouseError | undefined): LoadStatus {
  if (failure === undefined) return 'ok';
  const isCut = failure instanceof OutOfTimeError || failure instanceof ListUnavailableError;
  return (isCut && failure.exitCode === 6) || failure.exitCode === 130 ? 'partial' : 'failed';
}
