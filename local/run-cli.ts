import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { ExitCode } from '../functions/errors.ts';
import { addCommand, describeExamples } from './commands/command.ts';
import { COMMANDS } from './commands/commands.ts';
import { oneLine, printError } from './console/print-error.ts';
import type { Shell } from './console/shell.ts';

const USAGE = 2;
const EXAMPLES = [
  ['callhouse start', 'the demo: four simulated vendors, a first load, increments, a report'],
  ['callhouse run', 'one incremental run of every source whose credentials are set'],
  ['callhouse query "select * from calls_daily"', 'query the warehouse'],
] as const;

/** Runs one command line. @returns the exit code */
export async function runCli(args: readonly string[], shell: Shell): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = buildProgram(shell, (ended) => {
    code = ended;
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    return printError(error, shell);
  }
}

function buildProgram(shell: Shell, done: (code: ExitCode) => void): Command {
  const program = new Command('callhouse')
    .description('Loads the calls of Kismet, Solum, Zudu and Kalem into a warehouse that you own.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.out.write(text),
      writeErr: (text) => shell.err.write(text),
      outputError: (text, write) =>
        write(`callhouse: ${oneLine(withHelp(withoutValue(text.replace(/^error: /, ''))))}\n`),
    })
    .addHelpText('before', describeExamples(EXAMPLES));
  for (const command of COMMANDS) addCommand(program, command, shell, done);
  addHelp(program);
  return program;
}

/** Replaces Commander's `help`, which does not report an unknown command: it shows the help of the whole program. */
function addHelp(program: Command): void {
  program
    .command('help [command]')
    .description('display help for command')
    .action(async (name?: string) => {
      const named = name === undefined ? program : program.commands.find((command) => command.name() === name);
      // Commander then reports the unknown command and suggests a similar one.
      if (!named && name !== undefined) await program.parseAsync([name], { from: 'user' });
      named?.outputHelp();
    });
}

/** A number that is to be erased, for example, is no argument: the help says where it comes from. */
function withHelp(text: string): string {
  const [, command] = /^too many arguments for '([a-z-]+)'/.exec(text) ?? [];
  return command === undefined ? text : `${text.trimEnd()} See: callhouse ${command} --help`;
}

/** The value of an unknown option, or of a flag that has none, may be a phone number that is to be erased. */
function withoutValue(text: string): string {
  return text.replace(/^(unknown option '[^'=]*)=.*$/s, "$1'");
}

/** package.json is one folder above this file, and two above the built one. */
function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')).version);
    } catch {
      // Try the other place.
    }
  }
  return 'unknown';
}
