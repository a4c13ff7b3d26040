import { printError } from './console/print-error.ts';
import { openShell } from './console/shell.ts';
import { runCli } from './run-cli.ts';

/** Runs the command line of a process and sets its exit code. */
export async function main(process: NodeJS.Process): Promise<void> {
  const shell = openShell(process);
  const fail = (error: unknown) => process.exit(printError(error, shell));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  process.exitCode = await runCli(process.argv.slice(2), shell);
}
