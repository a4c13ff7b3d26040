import type { ExitCode } from '../../functions/errors.ts';
import { printable } from '../../functions/printable.ts';
import type { Shell } from './shell.ts';

/** A CallhouseError, recognized by its fields: importing the class would slow down every start. */
interface Expected extends Error {
  readonly exitCode: ExitCode;
}

/** Prints an error on one line. Prints only the kind of an unexpected error, because its message may hold data. @returns the exit code */
export function printError(error: unknown, { err, debug }: Pick<Shell, 'err' | 'debug'>): ExitCode {
  err.write(`callhouse: ${describeError(error)}\n`);
  if (debug && error instanceof Error) err.write(framesOf(error));
  return isExpected(error) ? error.exitCode : 1;
}

/** The line without its prefix. */
function describeError(error: unknown): string {
  if (isExpected(error)) return oneLine(error.message);
  const kind = error instanceof Error ? kindOf(error) : typeof error;
  return `unexpected ${kind}, which is a bug; committed data is intact. Run it again with --debug and report the lines`;
}

/** Joins a text to one line. */
export function oneLine(text: string): string {
  // DuckDB repeats the statement below its message.
  const [message = ''] = text.split(/(?<!\n)\n+LINE \d+:/, 1);
  return printable(message.replace(/\s+/g, ' ')).trim();
}

function isExpected(error: unknown): error is Expected {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' && 'context' in error;
}

function kindOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.name}${code}`;
}

/** The frames of a stack without its head, which repeats the message. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => `${line}\n`).join('');
}
