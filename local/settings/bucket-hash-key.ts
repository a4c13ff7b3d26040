import { randomBytes } from 'node:crypto';
import { ConfigError, StorageError } from '../../functions/errors.ts';
import type { Store } from '../../functions/ports.ts';
import type { Environment } from './env-secrets.ts';

const KEY = 'hash.key';
const KEY_BYTES = 32;

/**
 * The key of the hashes of a lake in a bucket: `CALLHOUSE_HASH_KEY`, or the bucket's own, made by the first run.
 * @throws ConfigError where the lake was filled with a key that is not here
 */
export async function findBucketHashKey(store: Store, env: Environment): Promise<string> {
  const known = env['CALLHOUSE_HASH_KEY'] || (await readKey(store));
  if (known) return known;
  for await (const _ of store.list('commits/')) {
    throw new ConfigError(
      `${store.name} holds commits, and not the key of their hashes; set CALLHOUSE_HASH_KEY to it (that of a stage stands in the secret callhouse/<stage>/hash-key)`,
    );
  }
  // Of two first runs at once one makes it, and both take that one.
  await store.put(KEY, Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`));
  const made = await readKey(store);
  if (made) return made;
  throw new StorageError(`the key of the hashes was written to ${store.name} and cannot be read back`);
}

async function readKey(store: Store): Promise<string | undefined> {
  const body = await store.get(KEY);
  if (!body) return undefined;
  const key = Buffer.from(body).toString('utf8').trim();
  if (key.length >= KEY_BYTES / 2) return key;
  throw new StorageError(
    `${KEY} in ${store.name} holds no key; restore it, for with another key all hashes would change`,
  );
}
