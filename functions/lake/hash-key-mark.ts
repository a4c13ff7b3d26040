import * as z from 'zod';
import { AlreadyRunningError, ConfigError, StateError } from '../errors.ts';
import { type FoundHashKey, fingerprintOf } from '../hash-key.ts';
import type { Store } from '../ports.ts';
import { hasObjects, parseStored, storedJson } from './objects.ts';

/** The object that says which key the hashes of the lake were made with. */
export const HASH_KEY_MARK = 'keys/hash-key.json';

const markSchema = z.object({
  version: z.literal(1),
  fingerprint: z.string(),
  /** Set while a rotation hashes everything anew with the key of this fingerprint. */
  isRotating: z.literal(true).optional(),
});
type HashKeyMark = z.infer<typeof markSchema>;

/** What a lake says about a key. `unused`: the lake has no hashes yet. */
export type HashKeyState = 'current' | 'other' | 'rotating' | 'unmarked' | 'unused';

/** Compares a key with the one that the lake's hashes were made with. Changes nothing. @throws StateError if the mark is damaged */
export async function judgeHashKey(store: Store, key: string | undefined): Promise<HashKeyState> {
  const mark = await readMark(store);
  if (!mark) return (await hasObjects(store, 'commits/')) ? 'unmarked' : 'unused';
  if (mark.isRotating) return 'rotating';
  return key !== undefined && mark.fingerprint === fingerprintOf(key) ? 'current' : 'other';
}

/**
 * Checks that the lake's hashes were made with this key. Changes nothing.
 * @throws ConfigError that names the remedy, if they were not
 */
export async function checkHashKeyOf(store: Store, found: FoundHashKey): Promise<HashKeyState> {
  const state = await judgeHashKey(store, found.key);
  const { label, rotate } = found;
  if (state === 'other')
    throw new ConfigError(
      `${label} is not the key that the hashes in ${store.name} were made with, so a caller would get a second hash. Restore that key, or hash what is stored anew with this one: ${rotate}`,
    );
  if (state === 'rotating')
    throw new ConfigError(
      `a rotation of the hash key in ${store.name} has not finished; if none is in progress, continue it: ${rotate}`,
    );
  if (state === 'unmarked')
    throw new ConfigError(
      `${HASH_KEY_MARK} is missing in ${store.name}, which has hashes: if it was there before, restore it from a copy; otherwise the hashes were made by an earlier version, in which a phone number and a patient id could have equal hashes; then hash what is stored anew: ${rotate}`,
    );
  return state;
}

/** Like {@link checkHashKeyOf}; a lake without hashes remembers the key. If two first runs bring two keys, one is refused. */
export async function claimHashKey(store: Store, found: FoundHashKey): Promise<void> {
  if ((await checkHashKeyOf(store, found)) !== 'unused') return;
  await store.put(HASH_KEY_MARK, storedJson({ version: 1, fingerprint: fingerprintOf(found.key) }));
  await checkHashKeyOf(store, found);
}

/** Notes that a rotation hashes everything anew with this key. @throws AlreadyRunningError if another one begins at this moment */
export async function markRotation(store: Store, key: string): Promise<void> {
  const mark = { version: 1, fingerprint: fingerprintOf(key), isRotating: true } as const;
  await replaceMark(store, mark, await store.get(HASH_KEY_MARK));
}

/** Notes that everything is hashed with this key. @throws AlreadyRunningError if another rotation has begun meanwhile */
export async function markHashKey(store: Store, key: string): Promise<void> {
  const fingerprint = fingerprintOf(key);
  const before = await store.get(HASH_KEY_MARK);
  if (before !== undefined && markOf(before)?.fingerprint !== fingerprint) throw otherRotation();
  await replaceMark(store, { version: 1, fingerprint }, before);
}

async function replaceMark(store: Store, mark: HashKeyMark, before: Uint8Array | undefined): Promise<void> {
  if (!(await store.put(HASH_KEY_MARK, storedJson(mark), { replace: before ?? false }))) throw otherRotation();
}

function otherRotation(): AlreadyRunningError {
  return new AlreadyRunningError('another rotation of the hash key has begun');
}

async function readMark(store: Store): Promise<HashKeyMark | undefined> {
  const body = await store.get(HASH_KEY_MARK);
  if (!body) return undefined;
  const mark = markOf(body);
  if (mark) return mark;
  throw new StateError(`${HASH_KEY_MARK} in ${store.name} is damaged; restore it from a copy; nothing was changed`);
}

/** A stored mark; undefined if it is damaged. */
function markOf(body: Uint8Array): HashKeyMark | undefined {
  return markSchema.safeParse(parseStored(body)).data;
}
