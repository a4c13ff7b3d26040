import type { Store } from '../../ports.ts';
import type { Digest } from '../digest.ts';
import { digestNumber, digestPrefix, type StreamId } from '../objects.ts';

/** The last commit, and the parts of the digest that it names besides the shards: log objects, and notes of a full scan. */
export interface NamedDigest {
  readonly n: number;
  readonly named: readonly string[];
}

/**
 * Deletes parts of a stream's digest that killed runs left behind. A part has the number of the commit that it was written for; once
 * that number is taken, a part which the last commit does not name can never count.
 */
export async function sweepParts(store: Store, id: StreamId, { parts }: Digest, last: NamedDigest): Promise<void> {
  const shards = Object.values(parts).flatMap(({ settled }) => settled?.shards.refs() ?? []);
  const named = new Set([...last.named, ...shards.map(({ key }) => key)]);
  for await (const key of store.list(digestPrefix(id)))
    if (!named.has(key) && digestNumber(key) <= last.n) await store.delete(key);
}
