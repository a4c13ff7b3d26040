import { saveChangedNames } from '../../lake/changed-names.ts';
import type { Commit, LoadStatus } from '../../lake/commit.ts';
import { readState } from '../../lake/commit-log.ts';
import { settleDigest } from '../../lake/digest/settle-digest.ts';
import { sweepParts } from '../../lake/digest/sweep-parts.ts';
import { writeDigest } from '../../lake/digest-objects.ts';
import { createObject, digestKey, newLoadId, scanNotesKey, shardKey } from '../../lake/objects.ts';
import type { StreamSession } from '../session/session.ts';

/**
 * Commits between two pages if enough time has passed, enough files were staged, or the digest has too many rows in memory.
 * @param prepare completes the state that the commit keeps
 */
export async function commitIfDue(session: StreamSession, prepare?: () => unknown): Promise<void> {
  const { ports, stager, progress, tuning } = session;
  const idleMs = ports.now() - progress.committedAt();
  // If the clock was set back, it is not known how long ago the last commit was.
  const isLate = idleMs < 0 || idleMs >= tuning.commitEveryMs;
  if (stager.files() < tuning.commitFiles && !isLate && !isFull(session)) return;
  await prepare?.();
  await commitStream(session, 'partial');
}

/** Commits if the digest has so many rows in memory that they should be settled. */
export async function commitIfFull(session: StreamSession): Promise<void> {
  if (isFull(session)) await commitStream(session, 'partial');
}

function isFull({ digest, tuning }: StreamSession): boolean {
  return digest.size() > tuning.mostRecentRows;
}

/**
 * Makes everything since the last commit count, in one compare-and-swap. Staged files, raw pages and digest are written first; the
 * commit that names them is written last.
 * @param options `rewritesDigest`: the digest's log is written anew, and its earlier objects are deleted
 * @throws AlreadyRunningError if another run committed first
 */
export async function commitStream(
  session: StreamSession,
  status: LoadStatus,
  { rewritesDigest = false }: { readonly rewritesDigest?: boolean } = {},
): Promise<void> {
  const { id, at, ports, log, digest, diff, stager, raw, rejects, progress } = session;
  const { n, loadId } = progress.next();
  const staged = await stager.flush();
  const rawKeys = await raw.flush();
  const { digests, superseded, isWhole } = await saveDigest(session, rewritesDigest);
  const { scans, records, requests, vendorTotal, window } = progress.tally();
  const { rejects: rejected, refused } = rejects.take();
  progress.updateState({ ...session.texts.state(), ...copiesToRedact(session) });
  const derived = await saveDerived(session);
  const commit: Commit = {
    version: digest.isSettled() ? 2 : 1,
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
  // A log without commits cannot be fenced (`Lease.check` in `lake/lease.ts`).
  if (!log.last()) await session.checkLease();
  await log.append(commit);
  ports.onProgress?.(progress.isFirstLoad());
  digest.markSaved();
  progress.committed(commit, { n: n + 1, loadId: newLoadId(id, at, ports.random) });
  for (const key of [...superseded, ...derived.superseded]) await ports.store.delete(key);
  if (isWhole) await sweepParts(ports.store, id, digest, { n, named: [...digests, ...derived.named] });
}

/**
 * Writes what changed in the digest. If rows are settled, or once there are many such objects, it writes everything that is in memory
 * instead, which replaces the objects before.
 */
async function saveDigest(session: StreamSession, isRewritten: boolean) {
  const { id, ports, digest, digestOwner: owner, progress, tuning } = session;
  const before = progress.digests();
  if (digest.changed() === 0 && !isRewritten) return { digests: before, superseded: [], isWhole: false };
  const { n, loadId } = progress.next();
  const keyOf = (part: number) => shardKey(id, n, loadId, part);
  const isSettling = digest.isSettling() || digest.size() > tuning.recentRows;
  const shards = isSettling ? await settleDigest(digest, tuning, { store: ports.store, owner, keyOf }) : [];
  const isWhole = isRewritten || isSettling || before.length >= tuning.mostDigests;
  const key = digestKey(id, n, loadId);
  await writeDigest(ports, key, isWhole ? digest.everything() : digest.changes());
  if (!isWhole) return { digests: [...before, key], superseded: [], isWhole };
  return { digests: [key], superseded: [...before, ...shards], isWhole };
}

/**
 * Writes what is derived from the digest: the names of changed records, for streams that follow this one; when partitions are due; and
 * what a full scan in progress has shown.
 */
async function saveDerived(session: StreamSession) {
  const { id, ports, digest, progress, isFollowed, follower } = session;
  const { n, loadId } = progress.next();
  const superseded: string[] = [];
  if (isFollowed) {
    const { changed: before } = progress.state();
    const names = await saveChangedNames(ports, digest.parts.entries.touched, { id, n, loadId, before });
    progress.updateState({ changed: names.changed });
    superseded.push(...names.superseded);
  }
  const saved = await follower?.save(progress.next());
  if (saved) progress.updateState({ agenda: [...saved.keys] });
  superseded.push(...(saved?.superseded ?? []));
  const { changed, agenda = [] } = progress.state();
  const notes = await saveScanNotes(session);
  superseded.push(...notes.superseded);
  const segments = follower?.segmentKeys() ?? [];
  return { superseded, named: [...(changed?.keys ?? []), ...agenda, ...segments, ...notes.keys] };
}

/** Writes what a full scan in progress has shown. The commit that names it also names the scan's position and the shards it refers to. */
async function saveScanNotes({ id, ports, digest, log, progress }: StreamSession) {
  const before = readState(log.last(), id).scan?.notes;
  const superseded = before === undefined ? [] : [before];
  const { scan } = progress.state();
  if (!scan) return { keys: [], superseded };
  const { n, loadId } = progress.next();
  const notes = scanNotesKey(id, n, loadId);
  await createObject(ports.store, notes, await ports.codec.compress(digest.scan.stored()));
  progress.updateState({ scan: { ...scan, notes } });
  return { keys: [notes], superseded };
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Adds the records that were emptied since the last commit. Those of details are named by their record: `followParents` adds them. */
function copiesToRedact({ stream, diff, progress }: StreamSession) {
  const emptied = diff.takeEmptied();
  if (emptied.length === 0 || stream.kind === 'details') return {};
  return { redact: [...new Set([...progress.state().redact, ...emptied])], redactedTo: undefined };
}
