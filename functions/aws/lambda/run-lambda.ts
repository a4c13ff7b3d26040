import { CallhouseError, type ExitCode } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import type { EmitMetric } from './emf-metrics.ts';
import { OUTCOMES } from './outcomes.ts';

/**
 * A bug. Lambda copies the error into its log, sends the event a second time and finally puts it into the dead-letter queue, so it has
 * a message without values, and no cause.
 */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** Where a Lambda writes what it has to say. */
export interface LambdaOutput {
  readonly emit: EmitMetric;
  readonly log: Log;
}

/** How a run ended. */
export interface Outcome {
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

/**
 * Runs one event. Only a bug is thrown. Every other failure is returned, with its exit code: to send the event again would not help,
 * and the next scheduled run does the same work. It is logged, and counted in the metric `RunOutcome`.
 * @returns the result of `work`; what failed, if that threw an expected failure
 * @throws RunFailedError, which contains no value of a record
 */
export async function runLambda<T extends Outcome>(
  work: () => Promise<T>,
  { emit, log }: LambdaOutput,
): Promise<T | Outcome> {
  const result = await outcomeOf(work);
  const { error, exitCode } = result;
  if (exitCode === 1) throw new RunFailedError(error);
  const code = OUTCOMES.find((known) => known === exitCode);
  if (code !== undefined) {
    log('error', error ?? 'the run failed', { exitCode });
    emit('RunOutcome', 1, { code: String(code) });
  }
  return result;
}

async function outcomeOf<T extends Outcome>(work: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CallhouseError) return { error: error.message, exitCode: error.exitCode };
    throw redact(error);
  }
}

/** Removes everything from a bug's error that may quote data: only the class and the stack frames are kept. */
export function redact(error: unknown): Error {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  const failure = new RunFailedError(`unexpected ${kind}; see the stack for where it happened, and report it`);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...frames].join('\n');
  return failure;
}
