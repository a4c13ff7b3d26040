import type { Commit } from '../../functions/lake/commit.ts';
import { commitKey, type StreamId, stagedKey } from '../../functions/lake/objects.ts';
import type { Store } from '../../functions/ports.ts';

/** Writes a commit with one staged file, whose content does not matter. @returns the file's key */
export async function putSmallCommit(store: Store, id: StreamId, n: number, at: Date): Promise<string> {
  const time = at.toISOString();
  const table = `${id.source}_${id.stream}`;
  const loadId = `${id.source}-${id.stream}-${n}`;
  const key = stagedKey(table, id.account, time.slice(0, 10), loadId, 1);
  const part = { partFrom: time.slice(0, 10), partTo: time.slice(0, 10) };
  const commit: Commit = {
    ...id,
    ...{ version: 1, n, loadId, runId: 'r', at: time, startedAt: time, endedAt: time, status: 'ok' },
    ...{ windowFrom: null, windowTo: null, raw: [], digests: [], scans: [], rejects: [], state: {} },
    staged: [{ table, key, rows: 1, deletes: 0, ...part }],
    counts: { requests: 0, records: 0, vendorTotal: null, changed: 1, unchanged: 0, deleted: 0, rejected: 0 },
  };
  await store.put(key, Buffer.from('x'));
  await store.put(commitKey(id, n), Buffer.from(JSON.stringify(commit)));
  return key;
}
