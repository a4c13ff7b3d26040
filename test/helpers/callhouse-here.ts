import { tmpdir } from 'node:os';
import { runCli } from '../../local/run-cli.ts';
import type { CliOptions, CliResult } from './callhouse.ts';

/** What the command reads. */
interface HereOptions extends Omit<CliOptions, 'uid'> {
  readonly input?: string;
  /** What a person at the terminal answers, whatever is asked. @default there is no terminal */
  readonly answer?: string | undefined;
}

/** Runs a command line in this process, so without what a separate process adds (signals, users, start). */
export async function callhouseHere(
  args: readonly string[],
  { env = {}, cwd = tmpdir(), input = '', answer }: HereOptions = {},
): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isTty: false,
    columns: Number.POSITIVE_INFINITY,
  });
  const { signal } = new AbortController();
  const ask = async (question: string) => {
    printed.stderr += question;
    return answer ?? '';
  };
  const shell = {
    ask: answer === undefined ? undefined : ask,
    env,
    cwd,
    readInput: async () => input,
    out: { ...output('stdout'), isWanted: async () => true },
    err: output('stderr'),
    signal,
  };
  const code = await runCli(args, { ...shell, debug: args.includes('--debug') });
  return { code, ...printed };
}
