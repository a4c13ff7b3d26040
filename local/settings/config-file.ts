import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../../functions/errors.ts';
import { parseSettings, type Settings, settingsSchema } from '../../functions/settings.ts';
import { sourceNames } from '../../functions/source/registry.ts';
import { checkStages, LOCAL_STAGE } from '../../functions/stage-settings.ts';
import { quoted } from '../console/own-command.ts';
import { refuseWritable } from './file-modes.ts';

const FOUND_BY_NAME = ['callhouse.config.json', 'callhouse.config.ts'];

/**
 * Reads the named file, or `callhouse.config.json` or `.ts` in the folder. Without a file, every setting has its default.
 * @throws ConfigError that names the file and every wrong setting
 */
export async function readConfigFile(named: string | undefined, folder: string): Promise<Settings> {
  const file = await readConfigContent(named, folder);
  return file ? parseSettings(await settingsIn(file), file.name) : parseSettings({}, 'settings');
}

/** The unchecked content of a settings file. */
export interface ConfigContent {
  /** The file's name, for messages. */
  readonly name: string;
  readonly content: object;
}

/** Reads the named file, or the one in the folder; undefined if there is none. @throws ConfigError */
export async function readConfigContent(named: string | undefined, folder: string): Promise<ConfigContent | undefined> {
  const path = named === undefined ? findFile(folder) : resolve(folder, named);
  if (path === undefined) return undefined;
  const name = named ?? basename(path);
  const content = await readFileAt(path, name);
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(
      `${name} has no settings; expected an object${name.endsWith('json') ? '' : ' as its default export'}`,
    );
  }
  return { name, content };
}

function findFile(folder: string): string | undefined {
  return FOUND_BY_NAME.map((name) => join(folder, name)).find((path) => existsSync(path));
}

async function readFileAt(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new ConfigError(`there is no ${name}; expected a settings file (.json, .js or .ts)`);
  refuseWritable(path);
  const kind = extname(path);
  if (kind === '.json') return parseJson(await readText(path, name), name);
  if (/^\.[cm]?[jt]s$/.test(kind)) return importFile(path, name);
  throw new ConfigError(`${name} is not a settings file: expected .json, .js or .ts`);
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError(`${name} cannot be read (${code}); expected a file that this user may read`);
  }
}

/** The parser's message may quote the file, so only the line number is reported. */
function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = at === undefined ? '' : `:${text.slice(0, Number(at)).split('\n').length}`;
    throw new ConfigError(`${name}${line} is not JSON; check commas, quotes and brackets`);
  }
}

/** Imports `.ts` with Node if it strips types, else with tsx if that is installed. */
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

/** The command that runs the file alone. It uses the installed copy of tsx, because npx might download one. */
function runnerOf(path: string): string {
  if (isPlain(path)) return 'node';
  try {
    return `node ${quoted(fileURLToPath(import.meta.resolve('tsx/cli')))}`;
  } catch {
    return 'node';
  }
}

/** True if Node can import the file without tsx. */
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
  // The loader wraps the exports of a CommonJS module in a second `default`.
  return inner !== null && typeof inner === 'object' && 'default' in inner ? inner.default : inner;
}

/** A file with stages is written for AWS; its stage `local`, if it has one, is for this machine. */
async function settingsIn({ content, name }: ConfigContent): Promise<unknown> {
  const stages = await stagesIn({ content, name });
  return stages ? keepPipelineSettings(stages[LOCAL_STAGE] ?? {}) : without(content, '$schema');
}

/** The stages of a file, all checked; undefined if the file has plain settings. @throws ConfigError */
export async function stagesIn({
  content,
  name,
}: ConfigContent): Promise<Readonly<Record<string, object>> | undefined> {
  if (!('stages' in content)) return undefined;
  checkStages(content, name, await sourceNames());
  return content.stages as Readonly<Record<string, object>>;
}

/** Keeps the settings of a stage that the pipeline reads, and drops those of the AWS stacks. */
export function keepPipelineSettings(stage: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(stage).filter(([setting]) => setting in settingsSchema.shape));
}

function without(content: object, key: string): unknown {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== key));
}
