import type { ExitCode } from './errors.ts';
import type { LoadStatus } from './lake/commit.ts';
import type { StreamId } from './lake/objects.ts';

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

/** What two turns of a stream came to. */
export function withEarlier(before: StreamResult | undefined, after: StreamResult): StreamResult {
  const sum = (of: 'requests' | 'records' | 'changed' | 'deleted' | 'rejected') => (before?.[of] ?? 0) + after[of];
  const counts = { records: sum('records'), changed: sum('changed'), deleted: sum('deleted') };
  return { ...after, ...counts, requests: sum('requests'), rejected: sum('rejected') };
}
