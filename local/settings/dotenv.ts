import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../../functions/errors.ts';
import type { Environment } from './env-secrets.ts';

/**
 * Adds the variables of the folder's `.env`. A variable of the environment wins, even if it is empty.
 * @throws ConfigError if the file exists and cannot be read
 */
export function withDotenv(folder: string, env: Environment): Environment {
  const text = readText(join(folder, '.env'));
  return text === undefined ? env : { ...parseEnv(text.replace(/^\ufeff/, '')), ...env };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`cannot read ${path} (${code}); expected a text file of NAME=value lines`);
  }
}
