import { type ChildProcess, spawn } from 'node:child_process';

/** How a program is run. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** @default 5 minutes */
  readonly timeoutMs?: number;
}

const running = new Set<ChildProcess>();

/**
 * Runs a program to its end.
 * @returns what it printed
 * @throws Error with the end of what it printed when it fails or takes too long
 */
export async function runProgram(file: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { env = process.env, cwd, timeoutMs = 300_000 } = options;
  // A group of its own, so that what it starts ends with it.
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const timer = setTimeout(() => endGroup(child), timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (ended) => setTimeout(() => resolve(ended), 50));
    });
    if (code === 0) return printed.stdout;
    const tail = `${printed.stdout}\n${printed.stderr}`.trim().slice(-3000);
    throw new Error(`${[file, ...args].join(' ').slice(0, 200)} ended with ${code}\n${tail}`);
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** Ends what still runs. */
export function endPrograms(): void {
  for (const child of running) endGroup(child);
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
