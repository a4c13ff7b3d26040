import type { Commit } from '../lake/commit.ts';
import { commitDigest } from '../lake/commit-digest.ts';
import { openCommitLog, readState, sealedJson } from '../lake/commit-log.ts';
import type { DigestChange } from '../lake/digest/digest-parts.ts';
import { openDigest } from '../lake/digest/open-digest.ts';
import { type Digest, newDigest } from '../lake/digest.ts';
import { decodeLine, encodeLine } from '../lake/digest-objects.ts';
import type { StreamId } from '../lake/objects.ts';
import { replaceCommit } from '../lake/replace-commit.ts';
import type { StreamState } from '../lake/stream-state.ts';
import type { Ports } from '../ports.ts';
import { type FoundKeys, noteNames, type RenamedKeys, renameIn } from './renamed-keys.ts';

type LogPorts = Pick<Ports, 'store' | 'codec' | 'now' | 'random'>;

/** What a stream knows of its records, as its last commit says. */
export interface NamedLog {
  readonly last: Commit;
  readonly digest: Digest;
}

/** Opens what a stream knows; undefined before its first commit. The lease of its account is held. */
export async function openNamedLog(id: StreamId, ports: LogPorts): Promise<NamedLog | undefined> {
  const log = await openCommitLog(ports.store, id);
  const last = log.last();
  if (!last) return undefined;
  return { last, digest: await openDigest(ports, last.digests, { id }) };
}

/** Notes the names of keys in what a stream knows. @returns true if there is any */
export async function noteNamesOfLog({ last, digest }: NamedLog, found: FoundKeys): Promise<boolean> {
  let hasNames = noteNames(JSON.stringify(last.state), found);
  for await (const change of changesOf(digest)) if (noteNames(encodeLine(change), found)) hasNames = true;
  return hasNames;
}

async function* changesOf(digest: Digest): AsyncGenerator<DigestChange> {
  for await (const batch of digest.entries.batches())
    for (const [key, entry] of batch) yield { kind: 'entry', key, entry };
  for await (const batch of digest.cursors.batches())
    for (const [partition, cursor] of batch) yield { kind: 'cursor', partition, cursor };
}

/**
 * Renames the keys in what a stream knows, in a commit of its own that loads nothing. The digest is written anew, completely in memory,
 * so that no name of the earlier hash key is left. Words that are not earned yet are counted anew.
 */
export async function renameInLog(
  id: StreamId,
  { last, digest }: NamedLog,
  renamed: RenamedKeys,
  ports: LogPorts,
): Promise<void> {
  const entries = new Map();
  const cursors = new Map();
  for await (const change of changesOf(digest)) {
    const present = decodeLine(renameIn(encodeLine(change), renamed));
    if (present.kind === 'entry') entries.set(present.key, present.entry);
    else if (present.kind === 'cursor') cursors.set(present.partition, present.cursor);
  }
  const state = stateWith(readState(last, id), renamed);
  await commitDigest(id, { last, digest: newDigest({ entries, cursors }), state, runId: 'rotation' }, ports);
}

/** True if the state holds hashes of words, which only the earlier hash key can compare. */
export function countsWords(last: Commit, id: StreamId): boolean {
  const { words = {} } = readState(last, id);
  return Object.values(words).some(({ pending }) => Object.keys(pending).length > 0);
}

/** Rewrites an earlier commit whose state holds hashes of words, or names of keys, of the earlier hash key. */
export async function renameInCommit(commit: Commit, renamed: RenamedKeys, store: Ports['store']): Promise<void> {
  if (commit.state['words'] === undefined && renamed.size === 0) return;
  const { source, account, stream } = commit;
  const id = { source, account, stream };
  const present = { ...commit, state: stateWith(readState(commit, id), renamed) };
  if (Buffer.compare(sealedJson(commit), sealedJson(present)) !== 0) await replaceCommit(store, commit, present);
}

/** A full scan in progress begins again, because its notes name the shards of the earlier digest. */
function stateWith({ words, scan: _scan, ...state }: StreamState, renamed: RenamedKeys): StreamState {
  const earned = Object.entries(words ?? {}).map(([name, known]) => [name, { ...known, pending: {} }] as const);
  const kept = words && { words: Object.fromEntries(earned) };
  return JSON.parse(renameIn(JSON.stringify({ ...state, ...kept }), renamed));
}
