import { emptyCommit } from '../lake/commit.ts';
import { openCommitLog } from '../lake/commit-log.ts';
import { type DroppedNames, dropRows } from '../lake/digest/drop-rows.ts';
import { openDigest } from '../lake/digest/open-digest.ts';
import { shardPutter } from '../lake/digest/settle.ts';
import { sweepParts } from '../lake/digest/sweep-parts.ts';
import { writeDigest } from '../lake/digest-objects.ts';
import { digestKey, newLoadId, type StreamId, shardKey } from '../lake/objects.ts';
import { withoutDerived } from '../lake/stream-state.ts';
import type { Ports } from '../ports.ts';

/**
 * Removes names from the digest of a stream, in a commit of its own that loads nothing, and deletes every object of a digest that holds
 * one. A run that began from the digest before cannot commit any more.
 * @returns true if the digest had one of them
 * @throws AlreadyRunningError if a run has committed meanwhile
 */
export async function purgeDigest(
  id: StreamId,
  names: DroppedNames,
  ports: Pick<Ports, 'store' | 'codec' | 'now' | 'random'>,
): Promise<boolean> {
  const { store } = ports;
  // Marks are left to the next run.
  const log = await openCommitLog(store, id, Number.POSITIVE_INFINITY);
  const last = log.last();
  if (!last) return false;
  const digest = await openDigest(ports, last.digests, { id });
  const loadId = newLoadId(id, ports.now(), ports.random);
  const empty = emptyCommit(last, { loadId, runId: 'erasure', now: ports.now() });
  const put = shardPutter(store, (part) => shardKey(id, empty.n, loadId, part));
  const isFound = await dropRows(digest, names, put);
  // Objects of the digest's log say what earlier runs knew, so they are written anew as one.
  const key = digestKey(id, empty.n, loadId);
  await writeDigest(ports, key, digest.everything());
  await log.append({ ...empty, digests: [key], state: withoutDerived(last.state) });
  await sweepParts(store, id, digest, { n: empty.n, named: [key] });
  return isFound;
}
