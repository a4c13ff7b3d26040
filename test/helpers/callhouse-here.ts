import { tmpdir } from 'node:os';
import { runCli } from '../../local/run-cli.ts';
import type { CliOptions, CliResult } from './callhouse.ts';

/** Runs a command line in this process, so without what a separate process adds (signals, users, start). */
export async function callhouseHere(
  args: readonly string[],
  { env = {}, cwd = tmpdir() }: Omit<CliOptions, 'uid'> = {},
): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isTty: false,
    columns: Number.POSITIVE_INFINITY,
  });
  const shell = { env, cwd, out: output('stdout'), err: output('stderr'), signal: new AbortController().signal };
  const code = await runCli(args, { ...shell, debug: args.includes('--debug') });
  return { code, ...printed };
}
