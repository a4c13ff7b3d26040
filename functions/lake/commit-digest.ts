import type { Ports } from '../ports.ts';
import { type Commit, emptyCommit } from './commit.ts';
import { openCommitLog } from './commit-log.ts';
import { sweepParts } from './digest/sweep-parts.ts';
import type { Digest } from './digest.ts';
import { writeDigest } from './digest-objects.ts';
import { digestKey, newLoadId, type StreamId } from './objects.ts';
import { withoutDerived } from './stream-state.ts';

/** What a commit of a digest alone is made of. */
export interface DigestCommit {
  /** The stream's last commit. */
  readonly last: Commit;
  readonly digest: Digest;
  readonly state: Commit['state'];
  /** What the commit is made for, in place of a run's id. */
  readonly runId: string;
  /** @default a new one */
  readonly loadId?: string;
}

/**
 * Commits a digest and a state in a commit of their own, which loads nothing. The digest's log is written anew from memory, and its earlier
 * parts are deleted, so that no object holds what the digest does not. The caller holds the account's lease.
 * @throws AlreadyRunningError if a run has committed since `last`
 */
export async function commitDigest(
  id: StreamId,
  { last, digest, state, runId, loadId: given }: DigestCommit,
  ports: Pick<Ports, 'store' | 'codec' | 'now' | 'random'>,
): Promise<void> {
  const now = ports.now();
  const loadId = given ?? newLoadId(id, now, ports.random);
  const empty = emptyCommit(last, { loadId, runId, now });
  const key = digestKey(id, empty.n, loadId);
  await writeDigest(ports, key, digest.everything());
  const log = await openCommitLog(ports.store, id);
  await log.append({
    ...empty,
    version: digest.isSettled() ? 2 : 1,
    digests: [key],
    state: withoutDerived(state),
  });
  await sweepParts(ports.store, id, digest, { n: empty.n, named: [key] });
}
