import { readLastCommit } from '../lake/commit-log.ts';
import { type DroppedNames, dropRows } from '../lake/digest/drop-rows.ts';
import { openDigest } from '../lake/digest/open-digest.ts';
import { shardPutter } from '../lake/digest/settle.ts';
import { sweepParts } from '../lake/digest/sweep-parts.ts';
import { writeDigest } from '../lake/digest-objects.ts';
import { digestKey, newLoadId, type StreamId, shardKey } from '../lake/objects.ts';
import { replaceCommit } from '../lake/replace-commit.ts';
import { withoutDerived } from '../lake/stream-state.ts';
import type { Ports } from '../ports.ts';

/**
 * Removes names from the digest of a stream that nobody reads meanwhile, and deletes every object of a digest that holds one.
 * @returns true if the digest had one of them
 */
export async function purgeDigest(
  id: StreamId,
  names: DroppedNames,
  ports: Pick<Ports, 'store' | 'codec' | 'now' | 'random'>,
): Promise<boolean> {
  const { store } = ports;
  const last = await readLastCommit(store, id);
  if (!last) return false;
  const digest = await openDigest(ports, last.digests, { id });
  const loadId = newLoadId(id, ports.now(), ports.random);
  const put = shardPutter(store, (part) => shardKey(id, last.n, loadId, part));
  const isFound = await dropRows(digest, names, put);
  // Objects of the digest's log say what earlier runs knew, so they are written anew as one.
  const key = digestKey(id, last.n, loadId);
  await writeDigest(ports, key, digest.everything());
  const purged = { ...last, digests: [key], state: withoutDerived(last.state) };
  await replaceCommit(store, last, purged);
  // No run is in progress, so that parts which were written for a later commit are those of a killed one.
  await sweepParts(store, id, digest, { n: Number.MAX_SAFE_INTEGER, named: [key] });
  return isFound;
}
