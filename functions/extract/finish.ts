import type { Commit, LoadStatus } from '../commit.ts';
import { dayOf, dayText } from '../time.ts';
import { writeDigest } from './digest.ts';
import { allOrNothing, type Run } from './run.ts';

/** Name of one attempt: what it read, for when, and by chance. Holds nothing of a record. */
export function newLoadId({ id, at, ports }: Pick<Run, 'id' | 'at' | 'ports'>): string {
  const when = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const chance = Array.from({ length: 12 }, () => Math.floor(ports.random() * 16).toString(16)).join('');
  return `${id.source}-${id.stream}-${when}-${chance}`;
}

/** Commits between two pages, when enough time or files have gathered since the last commit. */
export async function keepCheckpoint(run: Run): Promise<void> {
  const { ports, stager, progress, tuning } = run;
  const isLong = ports.now() - progress.committedAt >= tuning.commitEveryMs;
  if (stager.pending().files < tuning.commitFiles && !isLong) return;
  await commitRun(run, 'partial');
}

/**
 * Makes all that was taken since the last commit count, in one compare-and-swap: staged files, raw pages and digest first, the
 * commit that names them last.
 */
export function commitRun(run: Run, status: LoadStatus): Promise<Commit> {
  return allOrNothing(run, () => commit(run, status));
}

async function commit(run: Run, status: LoadStatus): Promise<Commit> {
  const { id, at, ports, log, digest, diff, stager, raw, rejects, progress, client } = run;
  const { n, loadId } = progress.commit;
  const staged = await stager.flush();
  const rawKeys = await raw.flush();
  const { digests, superseded } = await saveDigest(run);
  const rejected = rejects.refused();
  const next: Commit = {
    version: 1,
    n,
    loadId,
    runId: run.runId,
    ...id,
    at: new Date(at).toISOString(),
    startedAt: new Date(progress.startedAt).toISOString(),
    endedAt: new Date(ports.now()).toISOString(),
    status,
    ...(run.backfill ? { backfill: true } : {}),
    windowFrom: toIso(progress.window.from),
    windowTo: toIso(progress.window.to),
    raw: [...rawKeys],
    staged: [...staged],
    digests: [...digests],
    scans: progress.scans,
    rejects: rejects.drain(),
    counts: {
      requests: client.requests() - progress.requestsCommitted,
      records: progress.records,
      vendorTotal: progress.vendorTotal,
      ...diff.counts,
      rejected,
    },
    state: { ...progress.state, resume: resumeOf(run) },
  };
  await log.append(next);
  digest.drain();
  beginCommit(run, next);
  for (const key of superseded) await ports.store.delete(key);
  return next;
}

/** Folder of the stream's raw pages of this run's day. */
export function rawPrefix({ id, at }: Pick<Run, 'id' | 'at'>): string {
  return `raw/${id.source}/${id.account}/${id.stream}/${dayText(dayOf(at))}`;
}

function resumeOf({ progress }: Run) {
  return progress.position ? { ...progress.position, page: progress.nextPage } : progress.state.resume;
}

function beginCommit(run: Run, commit: Commit): void {
  const { progress, diff, client, ports } = run;
  progress.done.push(commit.counts);
  progress.digests = commit.digests;
  progress.requestsCommitted = client.requests();
  progress.records = 0;
  progress.scans = [];
  progress.committedAt = ports.now();
  progress.commit = { n: commit.n + 1, loadId: newLoadId(run) };
  Object.assign(diff.counts, { changed: 0, unchanged: 0, deleted: 0 });
}

/** Writes what changed of the digest, or all of it once many such objects have gathered. */
async function saveDigest({
  id,
  ports,
  digest,
  progress,
  tuning,
}: Run): Promise<{ digests: readonly string[]; superseded: readonly string[] }> {
  if (digest.changed() === 0) return { digests: progress.digests, superseded: [] };
  const whole = progress.digests.length >= tuning.mostDigests;
  const { n, loadId } = progress.commit;
  const key = `digests/${id.source}/${id.account}/${id.stream}/${String(n).padStart(12, '0')}-${loadId}.jsonl.gz`;
  await writeDigest(ports, key, digest.lines(whole));
  return whole
    ? { digests: [key], superseded: progress.digests }
    : { digests: [...progress.digests, key], superseded: [] };
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
