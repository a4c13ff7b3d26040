import { randomBytes } from 'node:crypto';
import { ConfigError, StorageError } from '../../functions/errors.ts';
import { checkHashKey, type FoundHashKey, isLongEnough } from '../../functions/hash-key.ts';
import { checkHashKeyOf, claimHashKey, judgeHashKey } from '../../functions/lake/hash-key-mark.ts';
import type { Store } from '../../functions/ports.ts';
import { ownCommand } from '../console/own-command.ts';
import { fsStore } from '../lake/fs-store.ts';
import { type DataDir, isBucket } from './data-dir.ts';
import type { Environment } from './env-secrets.ts';

const FILE = 'hash.key';
const VARIABLE = 'CALLHOUSE_HASH_KEY';
const KEY_BYTES = 32;
const rotate = () => `${ownCommand()} rotate-hash-key`;
const SET_ANOTHER = 'set it to a new one (openssl rand -hex 32 prints one)';

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
 * @throws ConfigError if it is too short, missing although the lake has hashes, or not the key that they were made with
 * @throws StorageError if the key cannot be read or written
 */
export async function findHashKey(stores: HashKeyStores, env: Environment): Promise<string> {
  const found = (await findExisting(stores, env)) ?? (await createKey(stores.home));
  checkHashKey(found);
  await claimHashKey(stores.lake, found);
  return found.key;
}

/** Checks what {@link findHashKey} would find, and creates nothing: before the first run there may be no key. @throws as it does */
export async function checkStoredHashKey(stores: HashKeyStores, env: Environment): Promise<void> {
  const found = await findExisting(stores, env);
  if (!found) return;
  checkHashKey(found);
  await checkHashKeyOf(stores.lake, found);
}

/**
 * The key to hash everything anew with: the configured one if the lake's hashes were made with another, else a new one, which is
 * written to the data directory.
 * @throws ConfigError if the environment holds a short key, or the one in use, which only its owner can replace
 */
export async function keyToRotateTo({ home, lake }: HashKeyStores, env: Environment): Promise<string> {
  const given = fromEnvironment(env);
  const found = given ?? (await readFile(home));
  const isInUse = (await judgeHashKey(lake, found?.key)) === 'current';
  if (given) {
    checkHashKey(given);
    if (!isInUse) return given.key;
    throw new ConfigError(
      `${VARIABLE} is the key that the hashes in ${lake.name} were made with; ${SET_ANOTHER}, then run this again`,
    );
  }
  if (found && isLongEnough(found.key) && !isInUse) return found.key;
  return (await createKey(home, { replace: true })).key;
}

/** @throws ConfigError if there is none and the lake has hashes: with a new key, no row of a caller would match the earlier ones */
async function findExisting({ home, lake }: HashKeyStores, env: Environment): Promise<FoundHashKey | undefined> {
  const found = fromEnvironment(env) ?? (await readFile(home));
  if (found || (await judgeHashKey(lake, undefined)) === 'unused') return found;
  throw new ConfigError(
    `${FILE} is missing in ${home.name}, and the lake has hashes that were made with it; restore it from a backup, or set ${VARIABLE} to the key (a stage keeps its own in the secret callhouse/<stage>/hash-key). If it is lost, hash what is stored anew with a new one: ${rotate()}`,
  );
}

function fromEnvironment(env: Environment): FoundHashKey | undefined {
  const key = env[VARIABLE];
  return key ? { key, label: VARIABLE, renew: SET_ANOTHER, rotate: rotate() } : undefined;
}

/** The key in the data directory, of any length. */
async function readFile(home: Store): Promise<FoundHashKey | undefined> {
  const body = await home.get(FILE);
  const key = body && Buffer.from(body).toString('utf8').trim();
  if (key === undefined) return undefined;
  return {
    key,
    label: `${FILE} in ${home.name}`,
    renew: 'restore it from a backup, or, if this is all there was, move it away',
    rotate: `${rotate()}, which creates a new one`,
  };
}

/** If two first runs create a key at the same time, one wins, and both use the winner's. */
async function createKey(home: Store, options: { readonly replace?: boolean } = {}): Promise<FoundHashKey> {
  await home.put(FILE, Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`), options);
  const created = await readFile(home);
  if (created) return created;
  throw new StorageError(
    `the hash key was written to ${home.name} and cannot be read back; check the disk or the bucket`,
  );
}
