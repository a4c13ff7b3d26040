import type { Command } from 'commander';
import type { ExitCode } from '../../functions/errors.ts';
import type { Shell } from '../console/shell.ts';

/** Options as they were written; a flag is true. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** An option of a command. */
export interface OptionDeclaration {
  /** Such as `--data-dir <dir>`. */
  readonly flags: string;
  readonly doc: string;
  readonly default?: string;
}

/** A command, declared: what its help says, and what it does. Its file loads at each start, so `act` imports what is heavy. */
export interface CommandDeclaration {
  readonly name: string;
  readonly doc: string;
  /** Command lines with what they do; the help begins with them. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Such as `[source...]`, with what it is. */
  readonly arguments?: readonly (readonly [name: string, doc: string])[];
  readonly options?: readonly OptionDeclaration[];
  readonly act: (args: readonly string[], options: Options, shell: Shell) => Promise<ExitCode>;
}

/** `--data-dir`, the same everywhere. */
export const DATA_DIR: OptionDeclaration = {
  flags: '--data-dir <dir>',
  doc: 'where the lake and the warehouse lie; or s3://bucket/prefix for the lake',
  default: './data',
};
/** `--warehouse`, beside `--data-dir`. */
export const WAREHOUSE: OptionDeclaration = {
  flags: '--warehouse <file>',
  doc: 'the warehouse of a lake in a bucket (default: ./data/warehouse.duckdb)',
};
/** `--stage`, the same everywhere. */
export const STAGE: OptionDeclaration = {
  flags: '--stage <name>',
  doc: 'stage on AWS, as callhouse.config.ts names it',
  default: 'dev',
};
/** `--config`, the same everywhere. */
export const CONFIG: OptionDeclaration = {
  flags: '--config <file>',
  doc: 'settings, .json, .js or .ts (default: callhouse.config.json or .ts here, if there is one)',
};
/** `--json`, the same everywhere. */
export const JSON_FLAG: OptionDeclaration = { flags: '--json', doc: 'print one JSON object' };

const EVERYWHERE: readonly OptionDeclaration[] = [
  { flags: '--debug', doc: 'show every log line, and where an error came from' },
  { flags: '--no-color', doc: 'no colour and no animation (as does NO_COLOR)' },
];

/** Adds a declared command to the program; `done` is told how it ended. */
export function addCommand(
  program: Command,
  declaration: CommandDeclaration,
  shell: Shell,
  done: (code: ExitCode) => void,
): void {
  const command = program.command(declaration.name).description(declaration.doc);
  for (const [name, doc] of declaration.arguments ?? []) command.argument(name, doc);
  for (const option of [...(declaration.options ?? []), ...EVERYWHERE]) {
    command.option(option.flags, option.doc, option.default);
  }
  command.addHelpText('before', describeExamples(declaration.examples));
  command.action(async (...given: unknown[]) => {
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    done(await declaration.act(args, command.opts(), shell));
  });
}

/** Examples as the head of a help text. */
export function describeExamples(examples: CommandDeclaration['examples']): string {
  const longest = Math.max(...examples.map(([line]) => line.length));
  return `Examples:\n${examples.map(([line, does]) => `  ${line.padEnd(longest)}  # ${does}\n`).join('')}`;
}
