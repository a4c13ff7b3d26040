import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { builtCli } from './built-cli.ts';

/** How a command line ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a command line is run. */
export interface CliOptions {
  /** Only `PATH` is set besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default the system's folder of temporary files, which holds no `.env` and no settings */
  readonly cwd?: string;
  /** Runs as this user. */
  readonly uid?: number | undefined;
}

/** A running command line. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
}

/** Starts the built command in a process of its own. */
export async function startCallhouse(args: readonly string[], options: CliOptions = {}): Promise<RunningCli> {
  return startProgram(process.execPath, [await builtCli(), ...args], options);
}

/** Runs the built command to its end. */
export async function callhouse(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return (await startCallhouse(args, options)).ended;
}

/** Starts any program, and gathers what it prints. */
export function startProgram(
  file: string,
  args: readonly string[],
  { env, cwd = tmpdir(), uid }: CliOptions,
): RunningCli {
  const variables = { PATH: process.env['PATH'], TZ: process.env['TZ'], ...env };
  const child = spawn(file, args, { cwd, env: variables, uid, gid: uid, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...printed }));
  });
  return { child, ended };
}
