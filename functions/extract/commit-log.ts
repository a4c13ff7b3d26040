import { type Commit, commitKey, commitPrefix, commitSchema, type StreamId } from '../commit.ts';
import { AlreadyRunningError, StateError } from '../errors.ts';
import type { Store, Where } from '../ports.ts';
import { TUNING } from './tuning.ts';

/** A stream's append-only log. */
export interface CommitLog {
  /** The last commit, whose state and digest count; undefined before the first. */
  readonly last: () => Commit | undefined;
  /**
   * Adds the next commit, or nothing.
   * @throws AlreadyRunningError when another run took the number first
   */
  append(commit: Commit): Promise<void>;
}

/** Opens a log at its last commit. @throws StateError when that cannot be read: a run never starts from nothing unasked */
export async function openCommitLog(
  store: Store,
  id: StreamId,
  checkpointEvery = TUNING.checkpointEvery,
): Promise<CommitLog> {
  let last = await readLast(store, id);
  return {
    last: () => last,
    async append(commit) {
      const body = Buffer.from(JSON.stringify(commit));
      if (!(await store.put(commitKey(id, commit.n), body))) {
        // The answer to our own write may have been lost: then the commit that stands there is ours.
        const standing = await readCommit(store, commitKey(id, commit.n), id);
        if (standing.loadId !== commit.loadId)
          throw new AlreadyRunningError('another run committed first; this one stops', id);
      }
      last = commit;
      if (commit.n % checkpointEvery === 0) await checkpoint(store, id, commit.n, checkpointEvery);
    },
  };
}

/** Reads and checks one commit. */
export async function readCommit(store: Store, key: string, where: Where): Promise<Commit> {
  const body = await store.get(key);
  const parsed = commitSchema.safeParse(body ? parseStored(body) : undefined);
  if (parsed.success && commitKey(parsed.data, parsed.data.n) === key) return parsed.data;
  const other = parsed.success ? 'a commit of another stream or number' : 'bytes that are no commit';
  const seen = body ? `${other} (${body.byteLength} bytes)` : 'nothing';
  throw new StateError(`${key} in ${store.name} holds ${seen}; restore it from a copy, nothing was changed`, where);
}

/** Parsed JSON of a small object of our own; undefined where it is none. */
export function parseStored(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

function checkpointPrefix({ source, account, stream }: StreamId): string {
  return `checkpoints/${source}/${account}/${stream}/`;
}

async function checkpoint(store: Store, id: StreamId, n: number, every: number): Promise<void> {
  const name = (number: number) => `${checkpointPrefix(id)}${String(number).padStart(12, '0')}`;
  await store.put(name(n), Buffer.from('{}'));
  await store.delete(name(n - 2 * every));
}

async function readLast(store: Store, id: StreamId): Promise<Commit | undefined> {
  const checkpointed = await lastKey(store, checkpointPrefix(id));
  const from = checkpointed === undefined ? 0 : Number(checkpointed.slice(checkpointPrefix(id).length));
  const after = from > 1 ? commitKey(id, from - 1) : undefined;
  // The commits may have been moved away, to load the stream anew; the checkpoint then points at nothing.
  const key = (await lastKey(store, commitPrefix(id), after)) ?? (await lastKey(store, commitPrefix(id)));
  return key === undefined ? undefined : readCommit(store, key, id);
}

async function lastKey(store: Store, prefix: string, after?: string): Promise<string | undefined> {
  let last: string | undefined;
  for await (const key of store.list(prefix, { after })) last = key;
  return last;
}
