import type { ExitCode } from '../../../functions/errors.ts';
import type { Log, Ports } from '../../../functions/ports.ts';
import { type ExtractResult, type LoadResult, worstOf } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { Source } from '../../../functions/source/source.ts';
import { sweepDaily } from '../../lake/sweep-daily.ts';
import { openLocalPorts } from '../../ports/local-ports.ts';
import { isBucket } from '../../settings/data-dir.ts';
import type { Environment } from '../../settings/env-secrets.ts';
import { extractAccount } from './extract-account.ts';
import { loadLake } from './load-lake.ts';
import type { Target } from './select-targets.ts';

/** One incremental run of this machine. */
export interface RunRequest {
  readonly targets: readonly Target[];
  /** All sources there are: the warehouse's tables are made from them. */
  readonly sources: readonly Source[];
  readonly at: Date;
  /** True if `at` is the time of this run, not one that the user named. @default false */
  readonly isScheduled?: boolean;
  /** A folder, or `s3://bucket/prefix`. */
  readonly dataDir: string;
  /** The file of the warehouse, where the data directory is a bucket. */
  readonly warehouse?: string;
  readonly settings: Settings;
  readonly env: Environment;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** Waits between requests. @default real */
  readonly sleep?: Ports['sleep'];
  /** Told as each account ends. */
  readonly onAccount?: (result: ExtractResult) => void;
  /** Told of a bug in one account's run; the others go on. */
  readonly onBug?: (error: unknown) => void;
}

/** What it did, as `--json` prints it. */
export interface RunResult {
  readonly at: string;
  /** Absolute, or the bucket. */
  readonly dataDir: string;
  readonly sources: readonly ExtractResult[];
  readonly load: LoadResult;
  readonly exitCode: ExitCode;
}

/** Extracts every target, sources side by side, then loads whatever is staged. @throws StorageError, ConfigError */
export async function runOnce(request: RunRequest): Promise<RunResult> {
  const { ports, dir, close } = await openLocalPorts(request);
  const results: ExtractResult[][] = [];
  try {
    if (!isBucket(dir.lake)) await sweepDaily(dir, ports.now());
    const runs = request.targets.map((target) => extractTarget(target, ports, request));
    results.push(...(await Promise.all(runs)));
  } finally {
    await close();
  }
  const sources = results.flat();
  const load = await loadLake({ ...request, dir, ports, extracted: sources });
  const codes = [...sources, load].map(({ exitCode }) => exitCode);
  const exitCode = request.signal?.aborted ? INTERRUPTED : worstOf(codes);
  return { at: request.at.toISOString(), dataDir: dir.name, sources, load, exitCode };
}

const INTERRUPTED = 130;

/** The accounts of one source one after the other: they share the vendor's limits. */
async function extractTarget(target: Target, ports: Ports, request: RunRequest): Promise<ExtractResult[]> {
  const results: ExtractResult[] = [];
  for (const account of target.accounts) {
    if (request.signal?.aborted) break;
    const { source, streams } = target;
    const event = {
      source: source.name,
      account,
      at: request.at.toISOString(),
      scheduled: request.isScheduled ?? false,
      streams: streams && [...streams],
    };
    const result = await extractAccount(event, { ...request, ports });
    request.onAccount?.(result);
    results.push(result);
  }
  return results;
}
