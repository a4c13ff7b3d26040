import { CallhouseError } from '../../errors.ts';

/**
 * A failed run. Lambda copies the error into its log and the dead-letter queue, so it has a message without values, and no
 * cause.
 */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** Handles one event. @throws RunFailedError, which contains no value of a record */
export async function runLambda<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw redact(error);
  }
}

/**
 * Removes everything from an error that may quote data. An expected failure keeps its message; of a bug only the class and the
 * stack frames are kept.
 */
export function redact(error: unknown): Error {
  if (error instanceof RunFailedError) return error;
  if (error instanceof CallhouseError) return new RunFailedError(error.message);
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  const failure = new RunFailedError(`unexpected ${kind}; see the stack for where it happened, and report it`);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...frames].join('\n');
  return failure;
}
