import { ConfigError } from '../../functions/errors.ts';
import { didYouMean } from '../../functions/nearest.ts';
import type { Settings } from '../../functions/settings.ts';
import type { Environment } from './env-secrets.ts';

const HIGHEST_RPS = 1000;

/**
 * Overrides settings with `<SOURCE>_BASE_URL`, `<SOURCE>_TOKEN_URL` and `<SOURCE>_MAX_RPS` of the environment.
 * @param sources all that there are, also those whose declaration is wrong
 * @throws ConfigError if a rate is not valid, or if the settings name an unknown source
 */
export function withEnvironment(
  settings: Settings,
  sources: readonly { readonly name: string }[],
  env: Environment,
): Settings {
  const names = sources.map(({ name }) => name);
  const unknown = Object.keys(settings.sources).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError(
      `sources.${unknown}: there is no such source${didYouMean(unknown, names)}; expected one of ${names.join(', ')}`,
    );
  }
  const merged = sources.map(({ name }) => [name, { ...settings.sources[name], ...settingsOf(name, env) }]);
  return { ...settings, sources: Object.fromEntries(merged) };
}

function settingsOf(source: string, env: Environment): Settings['sources'][string] {
  const baseUrl = env[`${source.toUpperCase()}_BASE_URL`];
  const tokenUrl = env[`${source.toUpperCase()}_TOKEN_URL`];
  const maxRps = readRate(`${source.toUpperCase()}_MAX_RPS`, env);
  return { ...(baseUrl && { baseUrl }), ...(tokenUrl && { tokenUrl }), ...(maxRps === undefined ? {} : { maxRps }) };
}

function readRate(variable: string, env: Environment): number | undefined {
  const text = env[variable];
  if (!text) return undefined;
  const rate = Number(text);
  if (rate > 0 && rate <= HIGHEST_RPS) return rate;
  throw new ConfigError(
    `${variable} is not a valid rate: expected requests per second, more than 0 and at most ${HIGHEST_RPS}`,
  );
}
