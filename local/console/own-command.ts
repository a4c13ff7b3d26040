import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAME = 'callhouse';
const CLI = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../cli.ts' : '../cli.js', import.meta.url));

/** How this program was started. */
export interface Start {
  /** Path of the file that Node was given. @default that of this process */
  readonly file?: string;
  /** @default PATH */
  readonly path?: string;
  /** The command line's own file. @default that of this program */
  readonly cli?: string;
}

/**
 * The command that runs this program again, for hints. It is `npx callhouse` only if npx finds this very program: elsewhere npx would
 * download and run whatever package a public registry has under that name, with the user's credentials in reach.
 */
export function ownCommand(cwd = process.cwd(), start: Start = {}): string {
  const { file = process.argv[1], path = process.env['PATH'], cli = CLI } = start;
  if (isFoundByNpx(cwd, cli)) return `npx ${NAME}`;
  if (file !== undefined && isProgram(file, path) && isSame(file, cli)) return NAME;
  return `node ${quoted(cli)}`;
}

/** npm looks only into the nearest folder that has a package.json or a node_modules. */
function isFoundByNpx(cwd: string, cli: string): boolean {
  const folder = nearest(
    cwd,
    (path) => existsSync(join(path, 'package.json')) || existsSync(join(path, 'node_modules')),
  );
  if (folder === undefined) return false;
  return isSame(join(folder, 'node_modules', '.bin', NAME), cli) || binsOf(folder).some((bin) => isSame(bin, cli));
}

function nearest(folder: string, fits: (path: string) => boolean): string | undefined {
  if (fits(folder)) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : nearest(above, fits);
}

/** Files that the folder's own package declares as the command. */
function binsOf(folder: string): readonly string[] {
  try {
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof bin?.[NAME] === 'string' ? [join(folder, bin[NAME])] : [];
  } catch {
    return [];
  }
}

/** True if the shell finds the file by its name. The folder that npx adds to PATH does not count, because it is temporary. */
function isProgram(file: string, path = ''): boolean {
  const folder = dirname(file);
  return basename(file) === NAME && basename(folder) !== '.bin' && path.split(delimiter).includes(folder);
}

function isSame(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** Quotes a path so that a shell reads it as one word. */
export function quoted(path: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return process.platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", `'\\''`)}'`;
}
