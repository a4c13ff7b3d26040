import { type Commit, emptyCommit } from '../../lake/commit.ts';
import { openCommitLog } from '../../lake/commit-log.ts';
import type { DigestEntry, PartitionCursor } from '../../lake/digest/digest-entry.ts';
import { sweepParts } from '../../lake/digest/sweep-parts.ts';
import { newDigest } from '../../lake/digest.ts';
import { writeDigest } from '../../lake/digest-objects.ts';
import { digestKey, newLoadId, type StreamId } from '../../lake/objects.ts';
import { type StreamState, withoutDerived } from '../../lake/stream-state.ts';
import type { Ports } from '../../ports.ts';
import { TUNING } from '../tuning.ts';

/** What a stream knows after the commit. */
export interface CommittedDigest {
  /** The stream's last commit. */
  readonly last: Commit;
  readonly entries: Map<string, DigestEntry>;
  readonly cursors: Map<string, PartitionCursor>;
  readonly state: StreamState;
  /** What the commit is made for, in place of a run's id. */
  readonly runId: string;
}

/**
 * Commits a digest and a state in a commit of their own, which loads nothing. The digest is written anew from memory, and its earlier
 * parts are deleted. The caller holds the account's lease.
 */
export async function commitDigest(
  id: StreamId,
  { last, entries, cursors, runId, ...given }: CommittedDigest,
  ports: Pick<Ports, 'store' | 'codec' | 'now' | 'random'>,
): Promise<void> {
  const whole = newDigest({ entries, cursors });
  const n = last.n + 1;
  const now = ports.now();
  const loadId = newLoadId(id, now, ports.random);
  const key = digestKey(id, n, loadId);
  await writeDigest(ports, key, whole.everything());
  const empty = emptyCommit(last, { loadId, runId, now });
  const commit: Commit = { ...empty, version: 1, digests: [key], state: withoutDerived(given.state) };
  await (await openCommitLog(ports.store, id, TUNING.checkpointEvery)).append(commit);
  await sweepParts(ports.store, id, whole, { n, named: [key] });
}
