import type { ExitCode } from '../../functions/errors.ts';
import type { Shell } from './shell.ts';

/** An expected failure, told by what it carries: this file is loaded before all others, and stays light. */
interface Expected extends Error {
  readonly exitCode: ExitCode;
}

/** Says on one line what went wrong, and with what code to end. Of an unexpected error only its kind: its message may hold data. */
export function printError(error: unknown, { err, debug }: Pick<Shell, 'err' | 'debug'>): ExitCode {
  err.write(`callhouse: ${describeError(error)}\n`);
  if (debug && error instanceof Error) err.write(framesOf(error));
  return isExpected(error) ? error.exitCode : 1;
}

/** The line without its prefix. */
export function describeError(error: unknown): string {
  if (isExpected(error)) return oneLine(error.message);
  const kind = error instanceof Error ? kindOf(error) : typeof error;
  return `unexpected ${kind}, which is a bug; what was committed is whole. Run it again with --debug and report the lines`;
}

/** One line, whatever the text holds. */
export function oneLine(text: string): string {
  // DuckDB repeats the statement below its message.
  const [message = ''] = text.split(/\n+LINE \d+:/, 1);
  return message.replace(/\s+/g, ' ').trim();
}

function isExpected(error: unknown): error is Expected {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' && 'context' in error;
}

function kindOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.name}${code}`;
}

/** The places only: the head of a stack repeats the message. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => `${line}\n`).join('');
}
