import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { ConfigError, StateError } from '../errors.ts';
import { fingerprintOf } from '../hash-key.ts';
import type { Store } from '../ports.ts';
import { isIntact, sealedJson } from './commit-log.ts';
import { createObject, ERASURES_PREFIX, erasurePrefix, hasObjects, parseStored } from './objects.ts';

/** A record that is never to be stored again, by its key or by the value of the column that its stable key is looked up by. */
export interface ErasedName {
  readonly stream: string;
  readonly by: 'key' | 'alias';
  readonly text: string;
}

/** The records of one account that were erased. */
export interface ErasedRecords {
  has(name: ErasedName): boolean;
}

/** One erasure, `erasures/<source>/<account>/<random>.json`. Nobody can see in it whom it was about. */
const erasureSchema = z.object({
  version: z.literal(1),
  /** Identifies the key of the hashes. */
  fingerprint: z.string(),
  /** When it was asked for. */
  at: z.iso.datetime(),
  /** Keyed hash of each erased name. */
  records: z.array(z.string()),
});

/** Whose records they are. */
export interface AccountId {
  readonly source: string;
  readonly account: string;
}

/**
 * Reads which records of an account were erased.
 * @param erasureKey called only if there are some
 * @returns undefined if nothing was erased
 * @throws ConfigError if the key is not the one that the ledger was written with: erased records would come back
 * @throws StateError if the ledger is damaged
 */
export async function readErasedRecords(
  store: Store,
  id: AccountId,
  erasureKey: (() => Promise<string>) | undefined,
): Promise<ErasedRecords | undefined> {
  const { hashes, prints } = await readLedger(store, id);
  if (hashes.size === 0) return undefined;
  const key = await (erasureKey ?? (() => Promise.reject(lostKey(store, id))))();
  if (prints.size > 1 || !prints.has(fingerprintOf(key, 'erasure key'))) throw lostKey(store, id);
  return { has: (name) => hashes.has(hashOf(id, name, key)) };
}

/** Number of names of an account under which nothing is stored again: at least as many as records were erased. @throws StateError if the ledger is damaged */
export async function countErasedNames(store: Store, id: AccountId): Promise<number> {
  return (await readLedger(store, id)).hashes.size;
}

async function readLedger(store: Store, id: AccountId) {
  const hashes = new Set<string>();
  const prints = new Set<string>();
  for await (const name of store.list(erasurePrefix(id))) {
    const body = await store.get(name);
    const erasure = erasureSchema.safeParse(body && parseStored(body)).data;
    if (!body || !erasure || !isIntact(body))
      throw new StateError(`${name} in ${store.name} is damaged; restore it from a copy`, id);
    for (const hash of erasure.records) hashes.add(hash);
    prints.add(erasure.fingerprint);
  }
  return { hashes, prints };
}

/** True if records of some account were erased. */
export function hasErasures(store: Store): Promise<boolean> {
  return hasObjects(store, ERASURES_PREFIX);
}

/**
 * Notes that these records are erased, before anything of them is deleted.
 * @param object random name of the new object
 */
export async function noteErased(
  store: Store,
  id: AccountId,
  names: readonly ErasedName[],
  { key, at, object }: { readonly key: string; readonly at: number; readonly object: string },
): Promise<void> {
  if (names.length === 0) return;
  const records = [...new Set(names.map((name) => hashOf(id, name, key)))].sort();
  const erasure = {
    version: 1,
    fingerprint: fingerprintOf(key, 'erasure key'),
    at: new Date(at).toISOString(),
    records,
  };
  await createObject(store, `${erasurePrefix(id)}${object}.json`, sealedJson(erasure));
}

/** Hashes a name. The key never rotates, because nobody could hash the erased names again. JSON keeps the parts of a name apart. */
function hashOf({ source, account }: AccountId, { stream, by, text }: ErasedName, key: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([source, account, stream, by, text]), 'utf8')
    .digest('hex');
}

function lostKey({ name }: Store, id: AccountId): ConfigError {
  return new ConfigError(
    `the erasure key is not the one with which erasures were noted in ${name}, so erased records would be stored again; restore erasure.key from a backup (on AWS: the earlier version of the secret callhouse/<stage>/erasure-key)`,
    id,
  );
}
