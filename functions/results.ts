import type { ExitCode } from './errors.ts';
import type { LoadStatus } from './lake/commit.ts';

/** What one run of one stream did. */
export interface StreamResult {
  readonly stream: string;
  /** `busy`: another run committed first, and continues. */
  readonly status: LoadStatus | 'busy';
  readonly requests: number;
  readonly records: number;
  readonly changed: number;
  readonly deleted: number;
  readonly rejected: number;
  /** One line that names the thing and the remedy. */
  readonly error?: string;
  readonly exitCode: ExitCode;
}

/** What one run of one account did. */
export interface ExtractResult {
  readonly source: string;
  readonly account: string;
  readonly at: string;
  readonly streams: readonly StreamResult[];
  /** Set when nothing could be tried at all: credentials, another run at work. */
  readonly error?: string;
  readonly exitCode: ExitCode;
}

/** What one load did. */
export interface LoadResult {
  readonly commits: number;
  /** Rows changed, by qualified table. */
  readonly changed: Readonly<Record<string, number>>;
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

const WORST_FIRST: readonly ExitCode[] = [130, 1, 5, 4, 2, 3, 6, 7, 0];

/** The exit code that wins: 130, 1, then the order 5, 4, 2, 3, 6. */
export function worstOf(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? 0;
}
