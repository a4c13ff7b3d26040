import { CallhouseError } from '../../errors.ts';

/** A run that failed, as Lambda's log and queue of dead letters may hold it: a message without values, no cause. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** Runs one event; what is thrown holds nothing of a record. */
export async function runLambda<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw redact(error);
  }
}

/** An expected failure says what it is; of a bug only its kind and its places in the code are kept, since its message may quote data. */
export function redact(error: unknown): Error {
  if (error instanceof RunFailedError) return error;
  if (error instanceof CallhouseError) return new RunFailedError(error.message);
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  const failure = new RunFailedError(`unexpected ${kind}; its places in the code stand in the stack`);
  const places = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...places].join('\n');
  return failure;
}
