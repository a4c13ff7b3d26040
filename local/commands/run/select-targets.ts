import { ConfigError } from '../../../functions/errors.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { BrokenSource } from '../../../functions/source/registry.ts';
import type { Source } from '../../../functions/source/source.ts';
import { ownCommand } from '../../console/own-command.ts';
import { accountsInEnvironment, type Environment } from '../../settings/env-secrets.ts';

/** A source to run, with its accounts. */
export interface RunTarget {
  readonly source: Source;
  readonly accounts: readonly string[];
  /** @default all of the source */
  readonly streams?: readonly string[];
}

/** What the targets are selected from. */
export interface TargetOptions {
  readonly sources: readonly Source[];
  readonly settings: Settings;
  readonly env: Environment;
}

/**
 * Selects the named sources and streams, or every source that has an account.
 * @throws ConfigError if a name is unknown, or if no source is configured
 */
export function selectTargets(names: readonly string[], choice: TargetOptions): readonly RunTarget[] {
  const targets = names.length > 0 ? namedTargets(names, choice) : configuredTargets(choice);
  if (targets.length > 0) return targets;
  const needs = choice.sources.map(({ name, credentials }) => `${credentials.join(' and ')} (${name})`);
  throw new ConfigError(
    `no source is configured; set the credentials of at least one in the environment or in the file .env: ${needs.join(', ')}; or see the demo: ${ownCommand()} start`,
  );
}

/** Sources that were chosen, and those of them that cannot run. */
export interface Selection extends WrongSources {
  readonly targets: readonly RunTarget[];
}

/** Sources whose declaration is wrong. */
export interface WrongSources {
  /** They were named, or have credentials: an error. */
  readonly broken: readonly BrokenSource[];
  /** Nobody uses them here: a warning. */
  readonly unused: readonly BrokenSource[];
}

/** What is selected from, where some sources are declared wrongly. */
export type SoundOptions = TargetOptions & { readonly broken: readonly BrokenSource[] };

/**
 * Selects like {@link selectTargets}, where some sources are declared wrongly.
 * @throws ConfigError as there, or if nothing else was chosen than a source that is declared wrongly
 */
export function selectSound(names: readonly string[], options: SoundOptions): Selection {
  const { broken: wrong, ...choice } = options;
  if (names.length === 0) {
    const { broken, unused } = sortWrong(options);
    const [first] = broken;
    if (first && configuredTargets(choice).length === 0) throw first.error;
    return { targets: selectTargets([], choice), broken, unused };
  }
  const isOf = (written: string) => wrong.find(({ name }) => name === written.split('.')[0]);
  const chosen = wrong.filter(({ name }) => names.some((written) => isOf(written)?.name === name));
  const others = names.filter((written) => !isOf(written));
  const [first] = chosen;
  if (first && others.length === 0) throw first.error;
  return { targets: selectTargets(others, choice), broken: chosen, unused: [] };
}

/** Tells wrongly declared sources that have credentials or accounts here from those that nobody uses. */
export function sortWrong({ broken: wrong, sources, settings, env }: SoundOptions): WrongSources {
  const others = new Set(sources.flatMap(({ credentials }) => credentials));
  const isUsed = ({ name, credentials }: BrokenSource) =>
    accountsOf({ name, credentials }, { settings, env }).length > 0 || hasVariables(name, env, others);
  return { broken: wrong.filter(isUsed), unused: wrong.filter((source) => !isUsed(source)) };
}

/** True if a variable has the name of the source, which its file may not be able to say. @param others variables of other sources */
function hasVariables(source: string, env: Environment, others: ReadonlySet<string>): boolean {
  const prefix = `${source.toUpperCase()}_`;
  return Object.keys(env).some((variable) => {
    const [name = ''] = variable.split('__');
    const isAddress = /_(BASE_URL|TOKEN_URL|MAX_RPS)$/.test(name);
    return name.startsWith(prefix) && !isAddress && !others.has(name) && Boolean(env[variable]);
  });
}

/** Accounts of a source: those of the settings, and those whose credentials the environment holds. */
export function accountsOf(
  { name, credentials }: Pick<Source, 'name' | 'credentials'>,
  { settings, env }: Omit<TargetOptions, 'sources'>,
): readonly string[] {
  return [...new Set([...(settings.sources[name]?.accounts ?? []), ...accountsInEnvironment(env, credentials)])];
}

function configuredTargets(choice: TargetOptions): readonly RunTarget[] {
  const targets = choice.sources.map((source) => ({ source, accounts: accountsOf(source, choice) }));
  return targets.filter(({ accounts }) => accounts.length > 0);
}

/** A named source without credentials runs too, and its run reports which are missing. */
function namedTargets(names: readonly string[], choice: TargetOptions): readonly RunTarget[] {
  const streams = new Map<Source, Set<string> | 'all'>();
  for (const name of names) {
    const { source, stream } = findNamed(name, choice.sources);
    const chosen = streams.get(source) ?? new Set<string>();
    streams.set(source, stream === undefined || chosen === 'all' ? 'all' : chosen.add(stream));
  }
  return [...streams].map(([source, chosen]) => {
    const accounts = accountsOf(source, choice);
    return {
      source,
      accounts: accounts.length > 0 ? accounts : ['default'],
      ...(chosen === 'all' ? {} : { streams: [...chosen] }),
    };
  });
}

/** The source, and the stream if one is named, of SOURCE or SOURCE.STREAM. @throws ConfigError that names what is known */
export function findNamed(
  name: string,
  sources: readonly Source[],
): { readonly source: Source; readonly stream?: string } {
  const [sourceName = '', ...rest] = name.split('.');
  const source = sources.find((known) => known.name === sourceName);
  if (!source)
    throw unknownName(
      'source',
      sourceName,
      sources.map((known) => known.name),
    );
  if (rest.length === 0) return { source };
  const stream = rest.join('.');
  if (!Object.hasOwn(source.streams, stream))
    throw unknownName(`stream of ${sourceName}`, stream, Object.keys(source.streams));
  return { source, stream };
}

function unknownName(kind: string, written: string, known: readonly string[]): ConfigError {
  return new ConfigError(
    `there is no ${kind} called ${JSON.stringify(written)}${didYouMean(written, known)}; expected one of ${known.join(', ')}`,
  );
}
