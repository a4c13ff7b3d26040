import { readdir } from 'node:fs/promises';
import { ConfigError } from '../errors.ts';
import type { Source } from './source.ts';

/**
 * The source of this name. Each source is a file in `sources/` that is found by its name, so a new vendor needs no list to be edited.
 * @throws ConfigError if there is none
 */
export async function findSource(name: string): Promise<Source> {
  const known = await sourceNames();
  if (known.length > 0 && !known.includes(name))
    throw new ConfigError(`there is no source ${name}; expected one of ${known.join(', ')}`);
  const module = (await import(`../sources/${name}.ts`)) as { default: Source };
  return module.default;
}

/** Names of all sources; empty in a bundle, which has no folder of sources. */
export async function sourceNames(): Promise<readonly string[]> {
  const files = await readdir(new URL('../sources/', import.meta.url)).catch(() => []);
  return files
    .filter((file) => /^[a-z][a-z0-9_]*\.(ts|js)$/.test(file))
    .map((file) => file.replace(/\.\w+$/, ''))
    .sort();
}

/** Every source, in order of name. */
export async function listSources(): Promise<readonly Source[]> {
  return Promise.all((await sourceNames()).map(findSource));
}
