import type { Codec, Store } from '../ports.ts';
import { createObject, digestNumber, namesKey, type StreamId } from './objects.ts';
import type { ChangedNames } from './stream-state.ts';

/** Names of changed records are kept for so many commits. A stream that is further behind reads all records. */
const MOST_OBJECTS = 64;

/** Where names are kept. */
interface NamesPorts {
  readonly store: Store;
  readonly codec: Codec;
}

/** A commit that is being prepared. */
interface NamesCommit {
  readonly id: StreamId;
  readonly n: number;
  readonly loadId: string;
  /** What the state of the commit before says; undefined if an earlier version made it. */
  readonly before: ChangedNames | undefined;
}

/** Writes the names of the records that a commit changes. @returns the new state, and keys that nothing names any more */
export async function saveChangedNames(
  { store, codec }: NamesPorts,
  names: ReadonlySet<string>,
  { id, n, loadId, before = { after: n - 1, keys: [], log: loadId } }: NamesCommit,
): Promise<{ readonly changed: ChangedNames; readonly superseded: readonly string[] }> {
  if (names.size === 0) return { changed: before, superseded: [] };
  const key = namesKey(id, n, loadId);
  await createObject(store, key, await codec.compress(Buffer.from(JSON.stringify([...names]))));
  const keys = [...before.keys, key];
  const superseded = keys.slice(0, -MOST_OBJECTS);
  const dropped = superseded.at(-1);
  return {
    changed: {
      ...before,
      after: dropped === undefined ? before.after : digestNumber(dropped),
      keys: keys.slice(-MOST_OBJECTS),
    },
    superseded,
  };
}

/** Names of records that changed after a commit; undefined if they are not known, or more than `most`. */
export async function changedAfter(
  { store, codec }: NamesPorts,
  changed: ChangedNames | undefined,
  { n, most }: { readonly n: number; readonly most: number },
): Promise<ReadonlySet<string> | undefined> {
  if (!changed || changed.after > n) return undefined;
  const names = new Set<string>();
  for (const key of changed.keys) {
    if (digestNumber(key) <= n) continue;
    const body = await store.get(key);
    if (!body) return undefined;
    try {
      for (const name of JSON.parse((await codec.expand(body)).toString('utf8'))) names.add(name);
    } catch {
      return undefined;
    }
    if (names.size > most) return undefined;
  }
  return names;
}
