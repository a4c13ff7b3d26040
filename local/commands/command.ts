import type { Command } from 'commander';
import { ConfigError, type ExitCode } from '../../functions/errors.ts';
import type { Shell } from '../console/shell.ts';

/** Options as the user wrote them; a flag is true. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** An option of a command. */
export interface OptionDeclaration {
  /** For example `--data-dir <dir>`. */
  readonly flags: string;
  readonly doc: string;
  readonly default?: string;
}

/** Declares a command: its help and its action. Every start loads all declarations, so `act` imports heavy modules. */
export interface CommandDeclaration {
  readonly name: string;
  readonly doc: string;
  /** Command lines with their effect, shown at the head of the help. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** For example `[source...]`, with its meaning. */
  readonly arguments?: readonly (readonly [name: string, doc: string])[];
  readonly options?: readonly OptionDeclaration[];
  readonly act: (args: readonly string[], options: Options, shell: Shell) => Promise<ExitCode>;
}

/** `--data-dir`, the same everywhere. */
export const DATA_DIR: OptionDeclaration = {
  flags: '--data-dir <dir>',
  doc: 'folder of the lake and the warehouse, or s3://bucket/prefix for the lake',
  default: './data',
};
/** `--warehouse`, for a `--data-dir` that is a bucket. */
export const WAREHOUSE: OptionDeclaration = {
  flags: '--warehouse <file>',
  doc: 'warehouse file for a lake in a bucket (default: ./data/warehouse.duckdb)',
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
  doc: 'settings file, .json, .js or .ts (default: callhouse.config.json or .ts in this folder, if it exists)',
};
/** `--json`, the same everywhere. */
export const JSON_FLAG: OptionDeclaration = { flags: '--json', doc: 'print one JSON object' };

const COMMON_OPTIONS: readonly OptionDeclaration[] = [
  { flags: '--debug', doc: 'show every log line, and the stack of an error' },
  { flags: '--no-color', doc: 'no colour and no animation (same as NO_COLOR)' },
];

/** Adds a declared command to the program, and passes its exit code to `done`. */
export function addCommand(
  program: Command,
  declaration: CommandDeclaration,
  shell: Shell,
  done: (code: ExitCode) => void,
): void {
  const command = program.command(declaration.name).description(declaration.doc);
  for (const [name, doc] of declaration.arguments ?? []) command.argument(name, doc);
  for (const option of [...(declaration.options ?? []), ...COMMON_OPTIONS]) {
    command.option(option.flags, option.doc, option.default);
  }
  command.addHelpText('before', describeExamples(declaration.examples));
  command.action(async (...given: unknown[]) => {
    refuseEmpty(command);
    refuseOtherPlace(command);
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    done(await declaration.act(args, command.opts(), shell));
  });
}

/** An option whose value is empty is a variable that is not set: `--data-dir "$DATA"` would be the present folder. */
function refuseEmpty(command: Command): void {
  const values = command.opts<Options>();
  for (const option of command.options) {
    if (values[option.attributeName()] === '')
      throw new ConfigError(
        `${option.long ?? option.flags} is empty; expected a value, or no ${option.long ?? option.flags}`,
      );
  }
}

const OF_A_STAGE = ['stage', 'workgroup'];
const OF_THIS_MACHINE = ['dataDir', 'warehouse'];

/** `erase --stage prod` without `--aws` would erase on this machine, and say that the stage has no such call. */
function refuseOtherPlace(command: Command): void {
  const options = command.options.map((option) => ({
    flag: option.long ?? option.flags,
    name: option.attributeName(),
  }));
  const isGiven = ({ name }: { readonly name: string }) => command.getOptionValueSource(name) === 'cli';
  const toAws = options.find(({ name }) => name === 'aws' || name === 'athena');
  if (!toAws) return;
  const isAws = isGiven(toAws);
  const other = options.find(
    (option) => (isAws ? OF_THIS_MACHINE : OF_A_STAGE).includes(option.name) && isGiven(option),
  );
  if (!other) return;
  throw new ConfigError(
    isAws
      ? `${other.flag} names a place on this machine, and ${toAws.flag} a stage on AWS; expected one of them`
      : `${other.flag} is for a stage on AWS; expected ${toAws.flag} beside it`,
  );
}

/** Examples, for the head of a help text. */
export function describeExamples(examples: CommandDeclaration['examples']): string {
  const longest = Math.max(...examples.map(([line]) => line.length));
  return `Examples:\n${examples.map(([line, does]) => `  ${line.padEnd(longest)}  # ${does}\n`).join('')}`;
}
