import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../../functions/errors.ts';
import { ownCommand } from '../console/own-command.ts';
import type { Environment } from './env-secrets.ts';
import { othersAccess, refuseWritable } from './file-modes.ts';

/**
 * Adds the variables of the folder's `.env`. A variable of the environment wins, even if it is empty.
 * @throws ConfigError if the file exists and cannot be read, or can be changed by others
 */
export function withDotenv(folder: string, env: Environment): Environment {
  const path = join(folder, '.env');
  const text = readText(path);
  if (text !== undefined) refuseWritable(path);
  return text === undefined ? env : { ...parseDotenv(text), ...env };
}

/** Says that others can read the folder's `.env` and so the credentials; undefined if they cannot. */
export function describeReadableDotenv(folder: string): string | undefined {
  const path = join(folder, '.env');
  if (!othersAccess(path)?.canRead) return undefined;
  return `${path} can be read by other users, and holds credentials; close it with: ${ownCommand(folder)} doctor --fix`;
}

/** `NAME=value` without quotes. A comment begins with `#` after white space, so that a token may contain one. */
const UNQUOTED = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*([^\s"'`#]\S*)(?:[ \t]+#.*)?[ \t]*$/gm;

/** As Node reads such a file, except that Node ends an unquoted value at its first `#`. */
function parseDotenv(text: string): Record<string, string | undefined> {
  const values = { ...parseEnv(text) };
  for (const [, name = '', whole = ''] of text.matchAll(UNQUOTED)) {
    // Within a quoted value of several lines, such a line is no assignment.
    if (values[name] === whole.split('#', 1)[0]) values[name] = whole;
  }
  return values;
}

function readText(path: string): string | undefined {
  try {
    return decode(readFileSync(path), path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`cannot read ${path} (${code}); expected a text file of NAME=value lines`);
  }
}

/** Notepad and PowerShell write UTF-16. */
function decode(bytes: Buffer, path: string): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
  if (!text.includes('\0')) return text;
  throw new ConfigError(`${path} is not UTF-8 text; expected NAME=value lines; save it as UTF-8`);
}
