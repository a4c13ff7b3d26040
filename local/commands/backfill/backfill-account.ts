import type { ExitCode } from '../../../functions/errors.ts';
import type { Ports } from '../../../functions/ports.ts';
import { type ExtractResult, worstOf } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import { countdown } from '../../../functions/time.ts';
import { limitRun } from '../run/limit-run.ts';
import { isBusy, tryExtract } from '../run/try-extract.ts';
import { type Marks, openMarks } from './marks.ts';
import type { Step } from './plan-steps.ts';

/** Result of the backfill of one account. */
export interface AccountBackfill {
  readonly source: string;
  readonly account: string;
  /** Number of chunks; each is one run. */
  readonly chunks: number;
  /** Chunks that an earlier, interrupted command has read. */
  readonly readBefore: number;
  readonly requests: number;
  readonly records: number;
  readonly changed: number;
  readonly rejected: number;
  readonly error?: string | undefined;
  /** 0 if all chunks are read. */
  readonly exitCode: ExitCode;
}

/** What the backfill of one account needs. */
export interface BackfillRequest {
  readonly source: string;
  readonly account: string;
  readonly steps: readonly Step[];
  readonly at: Date;
  readonly ports: Ports;
  readonly settings: Settings;
  /** Longest time for one chunk, ms. */
  readonly limitMs: number;
  readonly onStep: (step: Step, place: number) => void;
  readonly onBusy: () => void;
  readonly onBug: (error: unknown) => void;
}

const POLL_MS = 2_000;
/** Longer than a scheduled run. */
const LONGEST_WAIT_MS = 20 * 60_000;
/** Exit code of a vendor's wrong answer. Such a chunk is reported, and the others are still read. */
const CONTRACT = 4;

/** Reads the remaining chunks, one run each. Each run takes the account's lease, so that scheduled runs can happen in between. */
export async function backfillAccount(request: BackfillRequest): Promise<{ result: AccountBackfill; marks: Marks }> {
  const { source, account, steps, ports } = request;
  const marks = await openMarks(ports.store, request, ports.now());
  const results: ExtractResult[] = [];
  let readBefore = 0;
  for (const [place, step] of steps.entries()) {
    const streams = marks.left(step);
    if (streams.length === 0) readBefore += 1;
    if (streams.length === 0) continue;
    if (ports.signal?.aborted) break;
    request.onStep(step, place + 1);
    const result = await readStep(step, streams, request);
    results.push(result);
    await marks.add(step, readIn(result, streams));
    if (result.exitCode !== 0 && result.exitCode !== CONTRACT) break;
  }
  const errors = results.flatMap(({ error, streams }) => [error, ...streams.map((stream) => stream.error)]);
  const exitCode = ports.signal?.aborted ? 130 : worstOf(results.map((result) => result.exitCode));
  const ending = { error: errors.find((error) => error !== undefined), exitCode };
  return { result: { source, account, chunks: steps.length, readBefore, ...sumOf(results), ...ending }, marks };
}

/** Reads one chunk. If another run holds the account's lease, or commits in the middle, the chunk is read after a wait. */
async function readStep(step: Step, streams: readonly string[], request: BackfillRequest): Promise<ExtractResult> {
  const { source, account, at, ports, limitMs, onBusy } = request;
  const window = { from: step.window.from.toISOString(), to: step.window.to.toISOString() };
  const event = { source, account, at: at.toISOString(), streams: [...streams], window };
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const limited = limitRun({ ...ports, remainingMs: countdown(limitMs, ports.now) });
    const result = await tryExtract(event, { ...request, ports: limited });
    if (!isBusy(result) && !wasOvertaken(result)) return result;
    if (waitedMs >= LONGEST_WAIT_MS || ports.signal?.aborted) return { ...result, exitCode: 6 };
    if (waitedMs === 0) onBusy();
    await ports.sleep(POLL_MS, ports.signal);
  }
}

/** True if another run committed first: then a stream, and those after it, were not read to their end. Its exit code is 0. */
function wasOvertaken({ streams }: ExtractResult): boolean {
  return streams.some(({ status }) => status === 'busy');
}

/** The streams to note as read. After a good run that is all of them: one that the account's options skip cannot be read further. */
function readIn({ exitCode, streams }: ExtractResult, asked: readonly string[]): readonly string[] {
  if (exitCode === 0) return asked;
  return streams.filter(({ status }) => status === 'ok').map(({ stream }) => stream);
}

function sumOf(results: readonly ExtractResult[]) {
  const sum = { requests: 0, records: 0, changed: 0, rejected: 0 };
  for (const stream of results.flatMap(({ streams }) => streams)) {
    sum.requests += stream.requests;
    sum.records += stream.records;
    sum.changed += stream.changed;
    sum.rejected += stream.rejected;
  }
  return sum;
}
