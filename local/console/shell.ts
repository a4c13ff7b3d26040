import type { Environment } from '../env-secrets.ts';

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
type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'cwd' | 'stdout' | 'stderr' | 'once' | 'exit' | 'on'>;

const INTERRUPTED = 130;
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
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const plain = isPlain(process);
  return {
    env: process.env,
    cwd: process.cwd(),
    out: outputOf(process.stdout, plain),
    err: outputOf(process.stderr, plain),
    signal: stop.signal,
    debug: process.argv.includes('--debug'),
  };
}

/** Colour and animation are off where they disturb. */
function isPlain({ env, argv }: Process): boolean {
  return Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || Boolean(env['CI']) || argv.includes('--no-color');
}

function outputOf(stream: NodeJS.WriteStream, plain: boolean): Output {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY === true && !plain,
    // A terminal may not know its width.
    columns: stream.isTTY ? stream.columns || USUAL_COLUMNS : Number.POSITIVE_INFINITY,
  };
}
