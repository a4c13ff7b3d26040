import type { DigestEntry } from '../../functions/lake/digest/digest-entry.ts';
import { openDigest } from '../../functions/lake/digest/open-digest.ts';
import { type SettleLimits, settleDigest } from '../../functions/lake/digest/settle-digest.ts';
import { type Digest, newDigest } from '../../functions/lake/digest.ts';
import { writeDigest } from '../../functions/lake/digest-objects.ts';
import { digestKey, type StreamId, shardKey } from '../../functions/lake/objects.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import type { Store } from '../../functions/ports.ts';

export const DIGEST_ID: StreamId = { source: 'unit', account: 'default', stream: 'calls' };

/** A digest and the objects that its last save names, as a commit would. */
export interface SavedDigest {
  readonly digest: Digest;
  readonly keys: readonly string[];
}

/** Number of the last save: keys are never used twice. */
let n = 0;

/**
 * Saves digests in a store as commits do: the keys that `save` returns count, others do not.
 * @param commit called with the keys that count from now on, before what they replace is deleted
 */
export function digestSaver(store: Store, limits: SettleLimits, commit: (keys: readonly string[]) => void = () => {}) {
  const owner = { id: DIGEST_ID };
  const ports = { ...nodePorts, store };
  return {
    empty: (): SavedDigest => ({ digest: newDigest(), keys: [] }),
    open: async (keys: readonly string[]): Promise<SavedDigest> => ({
      digest: keys.length === 0 ? newDigest() : await openDigest(ports, keys, owner),
      keys,
    }),
    async save({ digest, keys }: SavedDigest, own = limits): Promise<SavedDigest> {
      const isSettling = digest.isSettling() || digest.size() > own.recentRows;
      if (digest.changed() === 0 && !isSettling) return { digest, keys };
      n += 1;
      const load = `load${n}`;
      const keyOf = (part: number) => shardKey(DIGEST_ID, n, load, part);
      const shards = isSettling ? await settleDigest(digest, own, { store, owner, keyOf }) : [];
      const isWhole = isSettling || keys.length >= 4;
      const key = digestKey(DIGEST_ID, n, load);
      await writeDigest(ports, key, isWhole ? digest.everything() : digest.changes());
      digest.markSaved();
      commit(isWhole ? [key] : [...keys, key]);
      for (const old of isWhole ? [...keys, ...shards] : []) await store.delete(old);
      return { digest, keys: isWhole ? [key] : [...keys, key] };
    },
  };
}

/** An entry of a digest. */
export const digestEntry = (contentHash: string, more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash,
  partOn: 20_000,
  firstSeenAt: 1_793_523_600_000,
  ...more,
});
