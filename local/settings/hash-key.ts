import { randomBytes } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '../../functions/errors.ts';
import { folderError } from '../lake/folder-error.ts';
import type { Environment } from './env-secrets.ts';

const KEY_BYTES = 32;
/** A key file shorter than this was not made here. */
const SHORTEST = 16;

/**
 * The key of the hashes: `CALLHOUSE_HASH_KEY`, or the data directory's own, made at the first run.
 * @throws StorageError
 */
export async function findHashKey(path: string, env: Environment): Promise<string> {
  const given = env['CALLHOUSE_HASH_KEY'];
  return given ? given : ((await readKey(path)) ?? makeKey(path));
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, 'utf8')).trim();
    if (key.length >= SHORTEST) return key;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw new StorageError(
      `${path} cannot be read (${code}); it holds the key of the hashes, give this user access to it`,
    );
  }
  throw new StorageError(`${path} holds no key; restore it from a copy, for with another key all hashes would change`);
}

/** Whole or not at all: half a key would change every hash, and none of it would say so. */
async function makeKey(path: string): Promise<string> {
  const key = randomBytes(KEY_BYTES).toString('hex');
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(temporary, `${key}\n`, { mode: 0o600, flush: true });
    await link(temporary, path);
    return key;
  } catch (error) {
    // Another run made it in this moment.
    const theirs = codeOf(error) === 'EEXIST' ? await readKey(path) : undefined;
    if (theirs !== undefined) return theirs;
    throw folderError(dirname(path), 'write', error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
