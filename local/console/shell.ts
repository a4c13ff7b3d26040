import type { Environment } from '../settings/env-secrets.ts';

/** Where text goes. */
export interface Output {
  write(text: string): void;
  /** True where a person watches. */
  readonly isTty: boolean;
  /** Width in characters; Infinity where nobody watches. */
  readonly columns: number;
}

/** What a command reaches the outside by. */
export interface Shell {
  readonly env: Environment;
  readonly cwd: string;
  /** Results. */
  readonly out: Output;
  /** Progress, warnings and errors. */
  readonly err: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Shows every log line, and stacks of errors. */
  readonly debug: boolean;
}

/** What of `process` a shell is made from. */
type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'cwd' | 'stdout' | 'stderr' | 'once' | 'exit' | 'exitCode' | 'on'>;

const INTERRUPTED = 130;
const CANNOT_WRITE = 5;
/** A reader that leaves early (`| head`) is no failure; on a full disk a result was lost that somebody waits for. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const USUAL_COLUMNS = 80;

/** The shell of this process. The first signal asks for an orderly end, the second ends at once. */
export function openShell(process: Process): Shell {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const plain = isPlain(process);
  const out = outputOf(process.stdout, plain);
  const err = outputOf(process.stderr, plain);
  process.once('exit', () => {
    const { lost = '' } = out;
    if (!FULL.has(lost)) return;
    err.write(`callhouse: standard output cannot be written (${lost}); free some space and run this again\n`);
    process.exitCode ||= CANNOT_WRITE;
  });
  return {
    env: process.env,
    cwd: process.cwd(),
    out,
    err,
    signal: stop.signal,
    debug: process.argv.includes('--debug'),
  };
}

/** Colour and animation are off where they disturb. */
function isPlain({ env, argv }: Process): boolean {
  return Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || Boolean(env['CI']) || argv.includes('--no-color');
}

/** What is written once nobody can take it is dropped: a run must end as it would have ended with a reader. */
function outputOf(stream: NodeJS.WriteStream, plain: boolean): Output & { readonly lost: string | undefined } {
  let lost: string | undefined;
  const lose = (error: unknown) => {
    lost ??= (error as NodeJS.ErrnoException).code ?? 'unknown';
  };
  stream.on('error', lose);
  return {
    write(text) {
      if (lost !== undefined) return;
      try {
        stream.write(text);
      } catch (error) {
        // A file's stream throws where that of a pipe emits.
        lose(error);
      }
    },
    get lost() {
      return lost;
    },
    isTty: stream.isTTY === true && !plain,
    // A terminal may not know its width.
    columns: stream.isTTY ? stream.columns || USUAL_COLUMNS : Number.POSITIVE_INFINITY,
  };
}
