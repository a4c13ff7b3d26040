import { readdir } from 'node:fs/promises';
import type { Table } from '../../schemas/table.ts';
import { ConfigError, DeclarationError } from '../errors.ts';
import { checkDeclaration } from './check-declaration.ts';
import type { Source, StoredSource } from './source.ts';
import { declaredTables, storedStreams } from './stored-streams.ts';

/** A source that cannot be used, because its file is wrong. Its streams have the tables that are known all the same. */
export interface BrokenSource extends StoredSource {
  readonly error: DeclarationError;
  /** Environment variables of its credentials, as far as its file says them. */
  readonly credentials: readonly string[];
}

/** All sources: those that can be used, and the others. */
export interface LoadedSources {
  readonly sources: readonly Source[];
  readonly broken: readonly BrokenSource[];
  /** All of them: the warehouse keeps the rows of a source whose declaration is wrong. */
  readonly stored: readonly StoredSource[];
}

/** Where the files of sources are. */
export interface SourceFiles {
  /** Names of files, such as `kalem.ts`; empty in a bundle, which has no folder of sources. */
  readonly list: () => Promise<readonly string[]>;
  /** Imports the file of a source. */
  readonly load: (name: string) => Promise<unknown>;
  /** Imports the files of all tables. One that cannot be imported is left out. */
  readonly tables: () => Promise<readonly Table[]>;
}

const OWN: SourceFiles = {
  list: () => readdir(new URL('../sources/', import.meta.url)).catch(() => []),
  load: (name) => import(`../sources/${name}.ts`),
  tables: () => declaredTables(new URL('../../schemas/tables/', import.meta.url)),
};

const NAMED_WELL = /^[a-z][a-z0-9_]*$/;

/**
 * The source of this name. Each source is a file in `sources/` that is found by its name, so a new vendor needs no list to be edited.
 * @throws ConfigError if there is none
 * @throws DeclarationError if its file is wrong
 */
export async function findSource(name: string): Promise<Source> {
  const known = await sourceNames();
  if (known.length > 0 && !known.includes(name))
    throw new ConfigError(`there is no source ${name}; expected one of ${known.join(', ')}`);
  return readSource(name, OWN);
}

/** Names of all sources, also of those that cannot be used; empty in a bundle. */
export async function sourceNames(files = OWN): Promise<readonly string[]> {
  const found = (await files.list()).filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'));
  return found.map((file) => file.replace(/\.\w+$/, '')).sort();
}

/** Every source, in order of name. @throws DeclarationError if the file of one is wrong */
export async function listSources(): Promise<readonly Source[]> {
  const { sources, broken } = await loadSources();
  for (const { error } of broken) throw error;
  return sources;
}

/** Every source, in order of name. One that is wrong does not affect the others. @param names @default all */
export async function loadSources(names?: readonly string[], files = OWN): Promise<LoadedSources> {
  const sources: Source[] = [];
  const broken: BrokenSource[] = [];
  const owners = new Map<string, string>();
  for (const name of names ?? (await sourceNames(files))) {
    let declared: unknown;
    try {
      declared = await loadDeclared(name, files);
      const source = checkDeclaration(fileOf(name), name, declared);
      claimTables(source, owners);
      sources.push(source);
    } catch (error) {
      if (!(error instanceof DeclarationError)) throw error;
      const streams = storedStreams(name, declared, { tables: await files.tables(), owners });
      broken.push({ name, error, credentials: credentialsIn(declared), streams });
    }
  }
  return { sources, broken, stored: [...sources, ...broken] };
}

/** The file that declares a source, as messages name it. */
export const fileOf = (name: string) => `functions/sources/${name}.ts`;

/** What {@link defineSource} found, even if another part of the declaration is wrong. */
function credentialsIn(declared: unknown): readonly string[] {
  const { credentials } = (declared ?? {}) as { readonly credentials?: unknown };
  return Array.isArray(credentials) ? credentials.filter((name) => typeof name === 'string') : [];
}

async function readSource(name: string, files: SourceFiles): Promise<Source> {
  return checkDeclaration(fileOf(name), name, await loadDeclared(name, files));
}

/** What the file of a source declares. @throws DeclarationError if it cannot be loaded */
async function loadDeclared(name: string, files: SourceFiles): Promise<unknown> {
  const file = fileOf(name);
  if (!NAMED_WELL.test(name))
    throw new DeclarationError(
      `${file}: its name is not that of a source; expected lower-case letters, digits and _, such as ${name.toLowerCase().replace(/\W+/g, '_')}.ts`,
    );
  try {
    return ((await files.load(name)) as { readonly default?: unknown }).default;
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : 'it throws';
    throw new DeclarationError(
      `${file} cannot be loaded (${why}); expected a file that runs alone. Other sources are not affected`,
    );
  }
}

/** Checks that no table belongs to two sources, which would overwrite each other's rows. @throws DeclarationError */
function claimTables({ name, streams }: Source, owners: Map<string, string>): void {
  const tables = Object.values(streams).flatMap((stream) => stream.tables.map((table) => table.name));
  for (const table of tables) {
    const owner = owners.get(table);
    if (owner !== undefined)
      throw new DeclarationError(
        `${fileOf(name)}: tables.${table}: source ${owner} declares it too; expected each table in one source`,
      );
  }
  for (const table of tables) owners.set(table, name);
}
