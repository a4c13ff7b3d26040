import { crc32 } from 'node:zlib';
import { AlreadyRunningError, StateError } from '../errors.ts';
import type { ErrorContext, Store } from '../ports.ts';
import { describeIssue } from '../settings.ts';
import { type Commit, commitSchema } from './commit.ts';
import {
  checkpointPrefix,
  commitKey,
  commitNumber,
  commitPrefix,
  digestNumber,
  parseStored,
  type StreamId,
  sequence,
  storedJson,
} from './objects.ts';
import { type StreamState, streamState } from './stream-state.ts';

/** A stream's append-only log. */
export interface CommitLog {
  /** The last commit; its state and digest are the stream's. Undefined before the first. */
  readonly last: () => Commit | undefined;
  /**
   * Adds the next commit, or nothing.
   * @throws AlreadyRunningError if another run took the number first
   */
  append(commit: Commit): Promise<void>;
}

/**
 * Opens a log at its last commit.
 * @param checkpointEvery commits between two checkpoints, which keep the opening of a long log cheap. @default none is written
 * @throws StateError if the last commit cannot be read. A run never starts from nothing unless a person moved the commits away
 */
export async function openCommitLog(
  store: Store,
  id: StreamId,
  checkpointEvery = Number.POSITIVE_INFINITY,
): Promise<CommitLog> {
  const { checkpoint, commit } = await readEnd(store, id);
  let last = commit;
  // A log that was begun again deletes the checkpoints of the one before.
  if (last && checkpoint > last.n && beginOf(last) !== undefined)
    throw new StateError(
      `${checkpointPrefix(id)} in ${store.name} says that there were commits after ${commitKey(id, last.n)}, the last one; ${LOST_STATE_REMEDY}`,
      id,
    );
  return {
    last: () => last,
    async append(commit) {
      if (!last && checkpoint > 0) for await (const old of store.list(checkpointPrefix(id))) await store.delete(old);
      const key = commitKey(id, commit.n);
      if (!(await store.put(key, sealedJson(commit)))) {
        // The answer to our own write may have been lost: then the stored commit is ours.
        const stored = await readCommit(store, key, id);
        if (stored.loadId !== commit.loadId)
          throw new AlreadyRunningError('another run committed first; this run stopped, and the other continues', id);
      }
      last = commit;
      if (commit.n % checkpointEvery === 0) await writeCheckpoint(store, id, commit.n, checkpointEvery);
    },
  };
}

/** The last commit of a stream; undefined before the first. @throws StateError if it cannot be read */
export async function readLastCommit(store: Store, id: StreamId): Promise<Commit | undefined> {
  return (await readEnd(store, id)).commit;
}

/** The last commit of a stream, and the number of its last checkpoint; 0 if it has none. */
async function readEnd(store: Store, id: StreamId): Promise<{ readonly checkpoint: number; readonly commit?: Commit }> {
  const isCheckpoint = (key: string) => /\/\d+$/.test(key);
  const isCommit = (key: string) => commitNumber(key) !== undefined;
  const checkpointKey = await lastKey(store, checkpointPrefix(id), isCheckpoint);
  const checkpoint = checkpointKey === undefined ? 0 : Number(checkpointKey.slice(checkpointPrefix(id).length));
  const after = checkpoint > 1 ? commitKey(id, checkpoint - 1) : undefined;
  // The commits may have been moved away, to read the stream again from the start; then the checkpoint points at nothing.
  const key =
    (await lastKey(store, commitPrefix(id), isCommit, after)) ?? (await lastKey(store, commitPrefix(id), isCommit));
  return key === undefined ? { checkpoint } : { checkpoint, commit: await readCommit(store, key, id) };
}

/** Reads and checks one commit. @throws StateError that names the key and what was found there */
export async function readCommit(store: Store, key: string, context: ErrorContext): Promise<Commit> {
  const refuse = (seen: string, remedy = 'restore it from a copy; nothing was changed') =>
    new StateError(`${key} in ${store.name} cannot be read: ${seen}; ${remedy}`, context);
  const body = await store.get(key);
  if (!body) throw refuse('the object does not exist');
  const stored = parseStored(body);
  const version = (stored as { version?: unknown } | undefined)?.version;
  if (typeof version === 'number' && version !== 1 && version !== 2)
    throw refuse(
      `it has format ${version}, this version reads formats 1 and 2`,
      'update Callhouse; nothing was changed',
    );
  const parsed = commitSchema.safeParse(stored);
  if (!parsed.success) throw refuse(`not a commit (${parsed.error.issues.slice(0, 3).map(describeIssue).join('; ')})`);
  if (!isIntact(body)) throw refuse('it does not match its checksum');
  if (commitKey(parsed.data, parsed.data.n) !== key) throw refuse('it is the commit of another stream or number');
  return parsed.data;
}

/** The last member of a sealed object: the CRC-32 of the text without it, in hexadecimal digits. */
const SEAL = /,"crc32":"([0-9a-f]{8})"\}$/;

/** Bytes of a JSON object that says itself whether it is intact, because a changed digit in it would be misread. */
export function sealedJson(value: Readonly<Record<string, unknown>>): Uint8Array {
  const text = JSON.stringify(value);
  return Buffer.from(`${text.slice(0, -1)},"crc32":"${sealOf(text)}"}`);
}

/** False if the bytes are not what was sealed. Earlier versions sealed nothing. */
export function isIntact(body: Uint8Array): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const [seal, sum] = SEAL.exec(text.slice(-32)) ?? [];
  return seal === undefined || sum === sealOf(`${text.slice(0, -seal.length)}}`);
}

function sealOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/**
 * Commits of a stream after number `after`, in order.
 * @throws StateError naming a commit that cannot be read, or that is missing between two others: its rows would be lost unnoticed
 */
export async function* readCommitsAfter(store: Store, id: StreamId, after: number): AsyncGenerator<Commit> {
  let before: number | undefined;
  for await (const key of store.list(commitPrefix(id), { after: commitKey(id, after) })) {
    const n = commitNumber(key);
    if (n === undefined) continue;
    const commit = await readCommit(store, key, id);
    if (before === undefined ? await hasEarlier(store, commit, after) : n !== before + 1)
      throw new StateError(
        `${commitKey(id, n - 1)} is missing in ${store.name}, but ${key} follows it; ${LOST_STATE_REMEDY}`,
        id,
      );
    before = n;
    yield commit;
  }
}

/** What to do if a part of a stream's state is gone. */
export const LOST_STATE_REMEDY =
  "restore it from a copy, or move the stream's commits away, so that the next run reads everything again";

/** The number of the first commit of a log, which each of its commits knows; undefined if an earlier version began the log. */
export function beginOf({ state }: Pick<Commit, 'state'>): number | undefined {
  const { began } = state;
  return typeof began === 'number' ? began : undefined;
}

/**
 * True if the first commit that is found after number `after` is not the next one, and not the first one of a log: a log that was begun
 * again from the warehouse may begin with any number.
 */
async function hasEarlier(store: Store, { n, digests, state, ...id }: Commit, after: number): Promise<boolean> {
  if (n === after + 1) return false;
  const began = beginOf({ state });
  if (began !== undefined) return n !== began;
  if (digests.some((key) => digestNumber(key) < n)) return true;
  for await (const key of store.list(commitPrefix(id)))
    if (commitNumber(key) !== undefined) return key < commitKey(id, n);
  return false;
}

/**
 * True if the log has commits, and this is none of them: it was begun again since, or an older copy of it was restored. A commit that is
 * missing below others, or that cannot be read, says nothing.
 */
export async function isLogWithout(
  store: Store,
  id: StreamId,
  { n, loadId }: { readonly n: number; readonly loadId?: string | undefined },
): Promise<boolean> {
  if (n === 0 || loadId === undefined) return false;
  try {
    return (await readCommit(store, commitKey(id, n), id)).loadId !== loadId;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return !(await hasCommitAfter(store, id, n - 1)) && hasCommitAfter(store, id, 0);
  }
}

/** True if the log has a commit after number `n`. */
export async function hasCommitAfter(store: Store, id: StreamId, n: number): Promise<boolean> {
  for await (const key of store.list(commitPrefix(id), { after: commitKey(id, n) }))
    if (commitNumber(key) !== undefined) return true;
  return false;
}

async function writeCheckpoint(store: Store, id: StreamId, n: number, every: number): Promise<void> {
  const key = (number: number) => `${checkpointPrefix(id)}${sequence(number)}`;
  await store.put(key(n), storedJson({}));
  await store.delete(key(n - 2 * every));
}

async function lastKey(
  store: Store,
  prefix: string,
  isOurs: (key: string) => boolean,
  after?: string,
): Promise<string | undefined> {
  let last: string | undefined;
  // An editor or a synchronisation may have left other files there.
  for await (const key of store.list(prefix, { after })) if (isOurs(key)) last = key;
  return last;
}

/** State of the last commit, or of a stream that never ran. @throws StateError if it has another version's format */
export function readState(last: Commit | undefined, context: ErrorContext): StreamState {
  const parsed = streamState.safeParse(renamed(last?.state ?? {}));
  if (!parsed.success)
    throw new StateError(
      `the state in commit ${last?.n} has an unknown format; expected that of this version: update Callhouse`,
      context,
    );
  return parsed.data;
}

/** Early lakes used other names for some fields. */
function renamed({ way, purge, purgedTo, resume, ...rest }: Readonly<Record<string, unknown>>): unknown {
  return {
    ...(way === undefined ? {} : { variant: way }),
    ...(purge === undefined ? {} : { redact: purge }),
    ...(purgedTo === undefined ? {} : { redactedTo: purgedTo }),
    ...(resume === undefined || isCutScan(resume) ? {} : { resume: renamedResume(resume) }),
    ...rest,
  };
}

/** Earlier versions did not store what a full scan in progress had shown. Such a scan begins again. */
function isCutScan(resume: unknown): boolean {
  return typeof resume === 'object' && resume !== null && 'kind' in resume && resume.kind === 'sweep';
}

function renamedResume(resume: unknown): unknown {
  if (typeof resume !== 'object' || resume === null || !('list' in resume)) return resume;
  const { list, kind, ...rest } = resume as Readonly<Record<string, unknown>>;
  return { ...rest, partition: list, kind: kind === 'head' ? 'newest' : kind };
}
