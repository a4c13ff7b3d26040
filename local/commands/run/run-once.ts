import type { ExitCode } from '../../../functions/errors.ts';
import type { Ports } from '../../../functions/ports.ts';
import { type ExtractResult, type LoadResult, worstOf } from '../../../functions/results.ts';
import type { BrokenSource } from '../../../functions/source/registry.ts';
import type { Source, StoredSource } from '../../../functions/source/source.ts';
import { countdown } from '../../../functions/time.ts';
import { sweepDaily } from '../../lake/sweep-daily.ts';
import { boundedPorts } from '../../ports/bounded-ports.ts';
import { type LocalPortsOptions, openLocalPorts } from '../../ports/local-ports.ts';
import { IDLE_MS, LONGEST_MS, limitRun } from './limit-run.ts';
import { loadInTurn } from './load-in-turn.ts';
import { loadLake } from './load-lake.ts';
import type { RunTarget } from './select-targets.ts';
import { isBusy, tryExtract } from './try-extract.ts';

/** What a run on this machine needs. */
export interface RunRequest extends LocalPortsOptions {
  readonly targets: readonly RunTarget[];
  /** Chosen sources whose declaration is wrong. @default none */
  readonly broken?: readonly BrokenSource[];
  /** All sources that can be loaded. */
  readonly sources: readonly Source[];
  /** Sources for which the warehouse has tables. @default sources */
  readonly stored?: readonly StoredSource[];
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

/** Extracts all sources concurrently and loads each once it is read, in turn. @throws StorageError, ConfigError */
export async function runOnce(request: RunRequest): Promise<RunResult> {
  const { sources, targets, signal } = request;
  const { ports, dir, whileClosed, close } = await openLocalPorts(request);
  const startedAt = ports.now();
  const hourLeftMs = request.settings.timeLimit === undefined ? countdown(LONGEST_MS, ports.now) : undefined;
  const loading = boundedPorts(ports, { remainingMs: () => IDLE_MS, why: () => 'a load waits for it' });
  const loads = loadInTurn({
    sources: sources.map(({ name }) => name),
    load: (only, turn) => whileClosed(() => loadLake({ ...request, ...turn, dir, ports: loading, only })),
  });
  const results: ExtractResult[][] = [brokenResults(request)];
  let unread = targets.length;
  try {
    await sweepDaily(dir, startedAt, request.settings.retention?.rawDays);
    const runs = targets.map(async (target) => {
      const result = await extractTarget(target, { ports, hourLeftMs }, request);
      unread -= 1;
      // The last load loads what was read last.
      if (unread > 0 && !result.every(isBusy)) loads.add(target.source.name);
      return result;
    });
    results.push(...(await Promise.all(runs)));
  } finally {
    await close();
  }
  const extracted = results.flat();
  // If another process runs every account, it loads them too.
  const load = extracted.every(isBusy) && extracted.length > 0 ? NOTHING_LOADED : await loads.finish();
  const codes = [...extracted, load].map(({ exitCode }) => exitCode);
  const exitCode = signal?.aborted ? INTERRUPTED : worstOf(codes);
  return { at: request.at.toISOString(), dataDir: dir.name, sources: extracted, load, exitCode };
}

const NOTHING_LOADED: LoadResult = { commits: 0, changed: {}, exitCode: 0 };
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
async function extractTarget(
  target: RunTarget,
  { ports, hourLeftMs }: { readonly ports: Ports; readonly hourLeftMs: (() => number) | undefined },
  request: RunRequest,
): Promise<ExtractResult[]> {
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
    const result = await tryExtract(event, { ...request, ports: limitRun(ports, hourLeftMs) });
    request.onAccount?.(result);
    results.push(result);
  }
  return results;
}
