import { randomBytes } from 'node:crypto';
import { ConfigError, StorageError } from '../../functions/errors.ts';
import type { Store } from '../../functions/ports.ts';
import { fsStore } from '../lake/fs-store.ts';
import { type DataDir, isBucket } from './data-dir.ts';
import type { Environment } from './env-secrets.ts';

const KEY = 'hash.key';
const KEY_BYTES = 32;
/** A shorter key was not made by Callhouse. */
const MIN_LENGTH = 16;

/** Where the hash key of a data directory is kept, and the lake whose hashes were made with it. */
export interface HashKeyStores {
  readonly home: Store;
  readonly lake: Store;
}

/** The hash key is kept beside the lake of a folder, and inside the lake of a bucket. */
export function hashKeyStores({ path, lake: url }: DataDir, lake: Store): HashKeyStores {
  return { home: isBucket(url) ? lake : fsStore(path), lake };
}

/**
 * The hash key: `CALLHOUSE_HASH_KEY`, or the data directory's own, which the first run creates.
 * @throws ConfigError if the lake has commits and its key is missing; StorageError if the key cannot be read or written
 */
export async function findHashKey({ home, lake }: HashKeyStores, env: Environment): Promise<string> {
  const known = await readHashKey({ home, lake }, env);
  if (known !== undefined) return known;
  // If two first runs create a key at the same time, one wins, and both use the winner's.
  await home.put(KEY, Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`));
  const created = await readKey(home);
  if (created !== undefined) return created;
  throw new StorageError(
    `the hash key was written to ${home.name} and cannot be read back; check the disk or the bucket`,
  );
}

/**
 * Reads the hash key and creates nothing.
 * @returns undefined before the first run
 * @throws as `findHashKey`
 */
export async function readHashKey({ home, lake }: HashKeyStores, env: Environment): Promise<string | undefined> {
  const known = env['CALLHOUSE_HASH_KEY'] || (await readKey(home));
  if (known) return known;
  // A new key would change every hash, so that no row of a caller would match the earlier ones.
  for await (const _ of lake.list('commits/')) {
    throw new ConfigError(
      `${KEY} is missing in ${home.name}, and the lake has commits that were hashed with it; restore it from a backup, or set CALLHOUSE_HASH_KEY to the key (a stage keeps its own in the secret callhouse/<stage>/hash-key)`,
    );
  }
  return undefined;
}

async function readKey(home: Store): Promise<string | undefined> {
  const body = await home.get(KEY);
  if (!body) return undefined;
  const key = Buffer.from(body).toString('utf8').trim();
  if (key.length >= MIN_LENGTH) return key;
  throw new StorageError(
    `${KEY} in ${home.name} is not a hash key: expected at least ${MIN_LENGTH} characters, found ${key.length}; restore it from a backup, because another key would change all hashes`,
  );
}
