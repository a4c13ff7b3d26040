import { type Commit, commitKey, commitPrefix, commitSchema, type StreamId } from '../commit.ts';
import { StateError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { describeIssue } from '../settings.ts';
import type { StreamToLoad } from './plan.ts';

/**
 * Commits of a stream after number `after`, in order.
 * @throws StateError naming the commit that cannot be read
 */
export async function* pendingCommits(
  store: Store,
  id: StreamId,
  stream: StreamToLoad,
  after: number,
): AsyncGenerator<Commit> {
  for await (const key of store.list(commitPrefix(id), { after: commitKey(id, after) })) {
    if (/\/\d{12}\.json$/.test(key)) yield await readCommit(store, key, id, stream);
  }
}

async function readCommit(store: Store, key: string, id: StreamId, { tables }: StreamToLoad): Promise<Commit> {
  const body = await store.get(key);
  if (!body) throw damaged(key, 'it is listed but not there', id);
  const parsed = commitSchema.safeParse(parseJson(body));
  if (!parsed.success) throw damaged(key, parsed.error.issues.map(describeIssue).join('; '), id);
  const commit = parsed.data;
  if (commitKey(commit, commit.n) !== key) throw damaged(key, 'it is the commit of another place in the log', id);
  const stray = commit.staged.find((file) => !tables.some(({ name }) => name === file.table));
  if (stray)
    throw new StateError(
      `commit ${key} names table ${stray.table}, which this version does not have; update Callhouse`,
      id,
    );
  return commit;
}

function damaged(key: string, seen: string, id: StreamId): StateError {
  return new StateError(
    `commit ${key} cannot be read (${seen}); restore that object from a backup, nothing after it is loaded`,
    id,
  );
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
