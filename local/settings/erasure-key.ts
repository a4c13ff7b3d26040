import { randomBytes } from 'node:crypto';
import { ConfigError, StorageError } from '../../functions/errors.ts';
import { hasErasures } from '../../functions/lake/erasure-ledger.ts';
import type { HashKeyStores } from './hash-key.ts';

const FILE = 'erasure.key';
const KEY_BYTES = 32;

/**
 * The key of the ledger of erased records, beside the hash key. It never rotates.
 * @throws ConfigError if it is missing although something was erased
 */
export async function readErasureKey({ home, lake }: HashKeyStores): Promise<string> {
  const key = await readFile(home);
  if (key !== undefined) return key;
  throw new ConfigError(
    `${FILE} is missing in ${home.name}, and records were erased in ${lake.name} that would be stored again without it; restore it from a backup`,
  );
}

/** The key, which the first erasure makes. @throws as {@link readErasureKey} */
export async function findErasureKey(stores: HashKeyStores): Promise<string> {
  const { home, lake } = stores;
  if ((await readFile(home)) === undefined && !(await hasErasures(lake)))
    await home.put(FILE, Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`));
  return readErasureKey(stores);
}

async function readFile(home: HashKeyStores['home']): Promise<string | undefined> {
  const body = await home.get(FILE);
  const key = body && Buffer.from(body).toString('utf8').trim();
  if (key === undefined || key.length >= KEY_BYTES) return key;
  throw new StorageError(`${FILE} in ${home.name} is damaged; restore it from a backup`);
}
