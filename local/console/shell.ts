import { once } from 'node:events';
import { fstatSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { ReadStream } from 'node:tty';
import { InterruptedError } from '../../functions/errors.ts';
import type { Environment } from '../settings/env-secrets.ts';

/** A stream for text. */
export interface Output {
  write(text: string): void;
  /** True on a terminal that may be animated. */
  readonly isTty: boolean;
  /** Width in characters; Infinity without a terminal. */
  readonly columns: number;
}

/** The stream of results, which may be longer than memory. */
export interface ResultOutput extends Output {
  /** Waits until most of what was written is read. @returns false if nobody reads any more @throws InterruptedError */
  isWanted(): Promise<boolean>;
}

/** Everything outside that a command reads or writes. */
export interface Shell {
  readonly env: Environment;
  readonly cwd: string;
  /** Reads standard input to its end, as UTF-8. */
  readonly readInput: () => Promise<string>;
  /** Asks the person at the terminal, whatever standard input is. Undefined where there is no terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Results. */
  readonly out: ResultOutput;
  /** Progress, warnings and errors. */
  readonly err: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Shows every log line, and stacks of errors. */
  readonly debug: boolean;
}

/** The part of `process` that a shell uses. */
type Process = Pick<
  NodeJS.Process,
  'argv' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'once' | 'exit' | 'exitCode' | 'on'
>;

const INTERRUPTED = 130;
const CANNOT_WRITE = 5;
/** Codes of a full disk, which lose a result. A reader that leaves early (`| head`) is not an error. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const USUAL_COLUMNS = 80;

/** The shell of this process. The first SIGINT or SIGTERM asks for an orderly end, the second ends the process at once. */
export function openShell(process: Process): Shell {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const plain = isPlain(process);
  const out = resultsOf(process.stdout, outputOf(process.stdout, plain), stop.signal);
  const err = outputOf(process.stderr, plain);
  process.once('exit', () => {
    const { lost = '' } = out;
    if (!FULL.has(lost)) return;
    err.write(`callhouse: standard output cannot be written (${lost}); free some space and run this again\n`);
    process.exitCode ||= CANNOT_WRITE;
  });
  return {
    readInput: () => text(process.stdin),
    ask: err.isTty ? (question) => askAtTerminal(question, err, stop.signal) : undefined,
    env: process.env,
    cwd: process.cwd(),
    out,
    err,
    signal: stop.signal,
    debug: process.argv.includes('--debug'),
  };
}

/** Reads one line from the terminal; none if there is no terminal to read from, or if the process is interrupted meanwhile. */
async function askAtTerminal(question: string, { write }: Output, signal: AbortSignal): Promise<string> {
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r');
  } catch {
    return '';
  }
  const input = new ReadStream(terminal);
  const lines = createInterface({ input });
  write(question);
  try {
    return await lines.question('', { signal });
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    lines.close();
    input.destroy();
  }
}

/** True if the user or the terminal wants no colour and no animation. */
function isPlain({ env, argv }: Process): boolean {
  return Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || Boolean(env['CI']) || argv.includes('--no-color');
}

/** An output that knows the code of the error after which it drops what is written. */
type LossyOutput = Output & { readonly lost: string | undefined };

/** Drops text after the reader is gone: a run must end as it would with a reader. */
function outputOf(stream: NodeJS.WriteStream & { fd: number }, plain: boolean): LossyOutput {
  let lost: string | undefined;
  const lose = (error: unknown) => {
    lost ??= (error as NodeJS.ErrnoException).code ?? 'unknown';
  };
  stream.on('error', lose);
  const isFile = isOpenFile(stream.fd);
  return {
    write(text) {
      if (lost !== undefined) return;
      try {
        if (isFile) writeAll(stream.fd, text);
        else stream.write(text);
      } catch (error) {
        // A file throws; a stream to a pipe emits `error`.
        lose(error);
      }
    },
    get lost() {
      return lost;
    },
    isTty: stream.isTTY === true && !plain,
    // Some terminals report a width of 0.
    columns: stream.isTTY ? stream.columns || USUAL_COLUMNS : Number.POSITIVE_INFINITY,
  };
}

function resultsOf(stream: NodeJS.WriteStream, output: LossyOutput, signal: AbortSignal): LossyOutput & ResultOutput {
  // Not spread: `lost` changes.
  return Object.assign(output, {
    async isWanted() {
      // A stream that fails meanwhile is one that nobody reads; `lost` says so.
      if (output.lost === undefined && stream.writableNeedDrain)
        await once(stream, 'drain', { signal }).catch(() => undefined);
      if (signal.aborted) throw new InterruptedError('interrupted before the answer ended');
      return output.lost === undefined;
    },
  });
}

function isOpenFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** Node's own stream to a file writes once, and a disk that is almost full then takes the beginning of the text only, without an error. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
