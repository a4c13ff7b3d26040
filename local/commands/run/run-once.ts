import type { ExitCode } from '../../../functions/errors.ts';
import type { Ports } from '../../../functions/ports.ts';
import { type ExtractResult, type LoadResult, worstOf } from '../../../functions/results.ts';
import type { BrokenSource } from '../../../functions/source/registry.ts';
import type { Source } from '../../../functions/source/source.ts';
import { sweepDaily } from '../../lake/sweep-daily.ts';
import { type LocalPortsOptions, openLocalPorts } from '../../ports/local-ports.ts';
import { isBucket } from '../../settings/data-dir.ts';
import { extractAccount } from './extract-account.ts';
import { loadLake } from './load-lake.ts';
import type { Target } from './select-targets.ts';

/** What a run on this machine needs. */
export interface RunRequest extends LocalPortsOptions {
  readonly targets: readonly Target[];
  /** Chosen sources whose declaration is wrong. @default none */
  readonly broken?: readonly BrokenSource[];
  /** All known sources; the warehouse has tables for all of them. */
  readonly sources: readonly Source[];
  readonly at: Date;
  /** True if `at` is the current time, false if the user chose it. @default false */
  readonly isScheduled?: boolean;
  /** Called when an account ends. */
  readonly onAccount?: (result: ExtractResult) => void;
  /** Called with an unexpected error, which does not stop the other accounts. */
  readonly onBug?: (error: unknown) => void;
}

/** Result of a run, as `--json` prints it. */
export interface RunResult {
  readonly at: string;
  /** Absolute folder, or the bucket. */
  readonly dataDir: string;
  readonly sources: readonly ExtractResult[];
  readonly load: LoadResult;
  readonly exitCode: ExitCode;
}

/** Extracts all sources concurrently, then loads everything that is staged. @throws StorageError, ConfigError */
export async function runOnce(request: RunRequest): Promise<RunResult> {
  const { ports, dir, close } = await openLocalPorts(request);
  const results: ExtractResult[][] = [brokenResults(request)];
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

/** Reports sources whose declaration is wrong; the others run. */
function brokenResults({ broken = [], at, onAccount }: RunRequest): ExtractResult[] {
  return broken.map(({ name, error: { message, exitCode } }) => {
    const result: ExtractResult = {
      source: name,
      account: 'default',
      at: at.toISOString(),
      streams: [],
      error: message,
      exitCode,
    };
    onAccount?.(result);
    return result;
  });
}

/** Extracts the accounts of a source one after the other, because they share the vendor's rate limit. */
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
