import { commitDigest } from '../lake/commit-digest.ts';
import { openCommitLog } from '../lake/commit-log.ts';
import { type DroppedNames, dropRows } from '../lake/digest/drop-rows.ts';
import { openDigest } from '../lake/digest/open-digest.ts';
import { shardPutter } from '../lake/digest/settle.ts';
import { newLoadId, type StreamId, shardKey } from '../lake/objects.ts';
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
  const last = (await openCommitLog(store, id)).last();
  if (!last) return false;
  const digest = await openDigest(ports, last.digests, { id });
  const loadId = newLoadId(id, ports.now(), ports.random);
  const put = shardPutter(store, (part) => shardKey(id, last.n + 1, loadId, part));
  const isFound = await dropRows(digest, names, put);
  await commitDigest(id, { last, digest, state: last.state, runId: 'erasure', loadId }, ports);
  return isFound;
}
