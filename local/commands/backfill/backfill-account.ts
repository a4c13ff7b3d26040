import type { ExitCode } from '../../../functions/errors.ts';
import type { Ports } from '../../../functions/ports.ts';
import { type ExtractResult, worstOf } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import { extractAccount, isBusy } from '../run/extract-account.ts';
import { type Marks, openMarks } from './marks.ts';
import type { Step } from './plan-steps.ts';

/** What a backfill of one account did. */
export interface AccountBackfill {
  readonly source: string;
  readonly account: string;
  /** Runs it is made of. */
  readonly chunks: number;
  /** Of these, read by an earlier command that was cut. */
  readonly readBefore: number;
  readonly requests: number;
  readonly records: number;
  readonly changed: number;
  readonly rejected: number;
  readonly error?: string;
  /** 0: all chunks are read. */
  readonly exitCode: ExitCode;
}

/** What it needs. */
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
/** Longer than a run of the schedule. */
const LONGEST_WAIT_MS = 20 * 60_000;
/** A chunk that the vendor answers wrongly is told, and the others are read. */
const CONTRACT = 4;

/** Reads the chunks that are left, one run each under the account's lease, so that due runs come in between. */
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
  const told = { error: errors.find((error) => error !== undefined), exitCode };
  return { result: { source, account, chunks: steps.length, readBefore, ...sumOf(results), ...told }, marks };
}

/** One run; while another is at work on the account, it is waited for. */
async function readStep(step: Step, streams: readonly string[], request: BackfillRequest): Promise<ExtractResult> {
  const { source, account, at, ports, limitMs, onBusy } = request;
  const window = { from: step.window.from.toISOString(), to: step.window.to.toISOString() };
  const event = { source, account, at: at.toISOString(), streams: [...streams], window };
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const stopAt = ports.now() + limitMs;
    const result = await extractAccount(event, {
      ...request,
      ports: { ...ports, remainingMs: () => stopAt - ports.now() },
    });
    if (!isBusy(result)) return result;
    if (waitedMs >= LONGEST_WAIT_MS || ports.signal?.aborted) return { ...result, exitCode: 6 };
    if (waitedMs === 0) onBusy();
    await ports.sleep(POLL_MS, ports.signal);
  }
}

/** A stream that the account's set-up leaves out is read as well, as far as it can be. */
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
