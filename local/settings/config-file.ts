import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../../functions/errors.ts';
import { parseSettings, type Settings, settingsSchema } from '../../functions/settings.ts';
import { listSources } from '../../functions/source/registry.ts';
import { checkStages, LOCAL_STAGE } from '../../functions/stage-settings.ts';
import { quoted } from '../console/own-command.ts';

const FOUND_BY_NAME = ['callhouse.config.json', 'callhouse.config.ts'];

/**
 * Settings of the named file, else of `callhouse.config.json` or `.ts` in the folder, else all defaults.
 * @throws ConfigError that names the file and every wrong setting
 */
export async function readConfigFile(named: string | undefined, folder: string): Promise<Settings> {
  const file = await readConfigContent(named, folder);
  return file ? parseSettings(await settingsIn(file), file.name) : parseSettings({}, 'settings');
}

/** What a file of settings holds, not checked yet. */
export interface ConfigContent {
  /** As it is shown. */
  readonly name: string;
  readonly content: object;
}

/** The named file's object, else that of the folder's own; undefined where there is none. @throws ConfigError */
export async function readConfigContent(named: string | undefined, folder: string): Promise<ConfigContent | undefined> {
  const path = named === undefined ? findFile(folder) : resolve(folder, named);
  if (path === undefined) return undefined;
  const name = named ?? basename(path);
  const content = await readFileAt(path, name);
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(
      `${name} holds no settings; expected an object${name.endsWith('json') ? '' : ', exported as default'}`,
    );
  }
  return { name, content };
}

function findFile(folder: string): string | undefined {
  return FOUND_BY_NAME.map((name) => join(folder, name)).find((path) => existsSync(path));
}

async function readFileAt(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new ConfigError(`there is no ${name}; expected a file of settings, .json, .js or .ts`);
  const kind = extname(path);
  if (kind === '.json') return parseJson(await readText(path, name), name);
  if (/^\.[cm]?[jt]s$/.test(kind)) return importFile(path, name);
  throw new ConfigError(`${name} is no file of settings; expected .json, .js or .ts`);
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

/** The parser's own message may quote the file: only the place is told. */
function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = at === undefined ? '' : `:${text.slice(0, Number(at)).split('\n').length}`;
    throw new ConfigError(`${name}${line} is not JSON; check commas, quotes and brackets`);
  }
}

/** `.ts` by Node itself where it strips types, else by tsx where that is installed. */
async function importFile(path: string, name: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  try {
    const module: unknown = isPlain(path) ? await import(url) : await importByTsx(url, name);
    return defaultOf(module);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const kind = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : 'error';
    throw new ConfigError(
      `${name} cannot be loaded (${kind}); run it alone to see why: ${runnerOf(path)} ${quoted(name)}`,
    );
  }
}

/** What runs the file alone; of tsx, which npx might fetch, the copy beside this program. */
function runnerOf(path: string): string {
  if (isPlain(path)) return 'node';
  try {
    return `node ${quoted(fileURLToPath(import.meta.resolve('tsx/cli')))}`;
  } catch {
    return 'node';
  }
}

/** True where Node itself can import the file. */
function isPlain(path: string): boolean {
  return /js$/.test(path) || Boolean((process.features as { typescript?: unknown }).typescript);
}

async function importByTsx(url: string, name: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api').catch(() => {
    throw new ConfigError(
      `${name} needs Node 22.18 or later, or the package tsx; or write the settings as callhouse.config.json`,
    );
  });
  return tsImport(url, import.meta.url);
}

function defaultOf(module: unknown): unknown {
  const inner = (module as { default?: unknown }).default;
  // Of a CommonJS module the loader wraps the exports once more.
  return inner !== null && typeof inner === 'object' && 'default' in inner ? inner.default : inner;
}

/** A staged file, written for AWS, holds settings of this machine in its stage `local`, or none. */
async function settingsIn({ content, name }: ConfigContent): Promise<unknown> {
  const stages = await stagesIn({ content, name });
  return stages ? keepPipelineSettings(stages[LOCAL_STAGE] ?? {}) : without(content, '$schema');
}

/** The stages of a staged file, all of them checked; undefined for a file of plain settings. @throws ConfigError */
export async function stagesIn({
  content,
  name,
}: ConfigContent): Promise<Readonly<Record<string, object>> | undefined> {
  if (!('stages' in content)) return undefined;
  const sources = await listSources();
  checkStages(
    content,
    name,
    sources.map((source) => source.name),
  );
  return content.stages as Readonly<Record<string, object>>;
}

/** Of a stage's settings those that the pipeline knows, wherever it runs. */
export function keepPipelineSettings(stage: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(stage).filter(([setting]) => setting in settingsSchema.shape));
}

function without(content: object, key: string): unknown {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== key));
}
