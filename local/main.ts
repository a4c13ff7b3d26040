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
  endSoon(process);
}

const GRACE_MS = 300;

/**
 * Ends the process once its output is written. A vendor or a proxy that keeps a connection waiting, which no request needs any more, would
 * hold it up for seconds after Ctrl-C.
 */
function endSoon({ stdout, stderr, exit }: NodeJS.Process): void {
  const isWritten = () => stdout.writableLength === 0 && stderr.writableLength === 0;
  setInterval(() => {
    if (isWritten()) exit();
  }, GRACE_MS).unref();
}
