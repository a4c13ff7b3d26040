import type { Commit, LoadStatus } from '../../lake/commit.ts';
import { writeDigest } from '../../lake/digest-objects.ts';
import { digestKey, newLoadId } from '../../lake/objects.ts';
import { isFirstLoad } from '../../lake/stream-state.ts';
import type { StreamSession } from '../session/session.ts';

/**
 * Commits between two pages if enough time has passed or enough files were staged since the last commit.
 * @param prepare completes the state that the commit keeps
 */
export async function commitIfDue(session: StreamSession, prepare?: () => unknown): Promise<void> {
  const { ports, stager, progress, tuning } = session;
  const isLate = ports.now() - progress.committedAt() >= tuning.commitEveryMs;
  if (stager.files() < tuning.commitFiles && !isLate) return;
  prepare?.();
  await commitStream(session, 'partial');
}

/**
 * Makes everything since the last commit count, in one compare-and-swap. Staged files, raw pages and digest are written first; the
 * commit that names them is written last.
 * @throws AlreadyRunningError if another run committed first
 */
export async function commitStream(session: StreamSession, status: LoadStatus): Promise<void> {
  const { id, at, ports, log, digest, diff, stager, raw, rejects, progress } = session;
  const { n, loadId } = progress.next();
  const staged = await stager.flush();
  const rawKeys = await raw.flush();
  const { digests, superseded } = await saveDigest(session);
  const { scans, records, requests, vendorTotal, window } = progress.tally();
  const { rejects: rejected, refused } = rejects.take();
  progress.updateState(session.texts.state());
  const commit: Commit = {
    version: 1,
    n,
    loadId,
    runId: session.runId,
    ...id,
    at: new Date(at).toISOString(),
    startedAt: new Date(progress.startedAt).toISOString(),
    endedAt: new Date(ports.now()).toISOString(),
    status,
    ...(session.window ? { backfill: true } : {}),
    windowFrom: toIso(window.from),
    windowTo: toIso(window.to),
    raw: [...rawKeys],
    staged: [...staged],
    digests: [...digests],
    scans: [...scans],
    rejects: rejected,
    counts: { requests, records, vendorTotal, ...diff.takeCounts(), rejected: refused },
    state: progress.state(),
  };
  await log.append(commit);
  ports.onProgress?.(isFirstLoad(progress.state()));
  digest.markSaved();
  progress.committed(commit, { n: n + 1, loadId: newLoadId(id, at, ports.random) });
  for (const key of superseded) await ports.store.delete(key);
}

/** Writes what changed in the digest, or all of it once many such objects exist. */
async function saveDigest({ id, ports, digest, progress, tuning }: StreamSession) {
  const before = progress.digests();
  if (digest.changed() === 0) return { digests: before, superseded: [] };
  const isCompaction = before.length >= tuning.mostDigests;
  const { n, loadId } = progress.next();
  const key = digestKey(id, n, loadId);
  await writeDigest(ports, key, digest.changes(isCompaction));
  return isCompaction ? { digests: [key], superseded: before } : { digests: [...before, key], superseded: [] };
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
