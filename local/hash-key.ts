import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ConfigError, StorageError } from '../functions/errors.ts';
import type { Environment } from './env-secrets.ts';

const KEY_BYTES = 32;
const SHORTEST = 16;

/**
 * The key of the hashes: `CALLHOUSE_HASH_KEY`, or the data directory's own, made at the first run.
 * @throws ConfigError, StorageError
 */
export async function findHashKey(path: string, env: Environment): Promise<string> {
  const given = env['CALLHOUSE_HASH_KEY'];
  if (!given) return (await readKey(path)) ?? makeKey(path);
  if (given.trim().length >= SHORTEST) return given;
  throw new ConfigError(`CALLHOUSE_HASH_KEY is shorter than ${SHORTEST} characters; expected a long random text`);
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, 'utf8')).trim();
    if (key.length >= SHORTEST) return key;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new StorageError(
      `${path} cannot be read (${code}); it holds the key of the hashes, give this user access to it`,
    );
  }
  throw new StorageError(`${path} holds no key; restore it from a copy, for with another key all hashes would change`);
}

async function makeKey(path: string): Promise<string> {
  const key = randomBytes(KEY_BYTES).toString('hex');
  try {
    await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return key;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    // Another run made it in this moment.
    const theirs = code === 'EEXIST' ? await readKey(path) : undefined;
    if (theirs !== undefined) return theirs;
    throw new StorageError(`${path} cannot be written (${code}); it holds the key of the hashes, check the disk`);
  }
}
