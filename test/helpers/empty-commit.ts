import type { Commit } from '../../functions/lake/commit.ts';
import type { StreamId } from '../../functions/lake/objects.ts';

/** A good commit that names no object and counts nothing. @param more what the test needs besides */
export function emptyCommit(id: StreamId, n: number, at: Date, more: Partial<Commit> = {}): Commit {
  const time = at.toISOString();
  return {
    version: 1,
    n,
    loadId: `${id.source}-${id.account}-${id.stream}-${n}`,
    runId: 'r',
    ...id,
    at: time,
    startedAt: time,
    endedAt: time,
    status: 'ok',
    windowFrom: null,
    windowTo: null,
    raw: [],
    staged: [],
    digests: [],
    scans: [],
    rejects: [],
    counts: { requests: 0, records: 0, vendorTotal: null, changed: 0, unchanged: 0, deleted: 0, rejected: 0 },
    state: {},
    ...more,
  };
}
