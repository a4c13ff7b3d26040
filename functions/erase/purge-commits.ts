import type { Commit } from '../lake/commit.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import type { Lease } from '../lake/lease.ts';
import { copyNumber } from '../lake/objects.ts';
import { replaceCommit } from '../lake/replace-commit.ts';
import type { StagedFile } from '../ports.ts';
import { type CopyPorts, copiesOf, purgeRaw, purgeStaged } from '../purge/purge-copies.ts';
import { type ErasedOfStream, erasureOfCopies } from './erasure-of-copies.ts';

/** Objects that were looked at, and of these the ones that held an erased record. */
export interface PurgeCount {
  readonly looked: number;
  readonly changed: number;
}

/** What was purged of a stream's copies. */
export interface PurgedCopies {
  readonly raw: PurgeCount;
  readonly staged: PurgeCount;
  readonly commits: PurgeCount;
  /** Objects that killed runs left behind, which no commit names; all were deleted. */
  readonly orphans: number;
}

/** What a commit has in place of an erased record's partition. */
const ERASED = 'erased';

/**
 * Purges every copy that a stream's commits name, the commits themselves, and objects that none names.
 * @param check throws if the lease of the account is no longer held
 */
export async function purgeCommits(
  erased: ErasedOfStream,
  check: Lease['check'],
  ports: CopyPorts,
): Promise<PurgedCopies> {
  const { store } = ports;
  const purge = erasureOfCopies(erased);
  const named = new Set<string>();
  let last = 0;
  const counts = { raw: newCount(), staged: newCount(), commits: newCount() };
  // If a commit is missing between others, the erasure is refused: the commit may be restored, with what it names.
  for await (const commit of readCommitsAfter(store, erased.id, 0)) {
    for (const raw of commit.raw) counts.raw.note(await purgeRaw(raw, purge, ports));
    const staged: StagedFile[] = [];
    for (const file of commit.staged) {
      const left = await purgeStaged(file, purge, ports);
      counts.staged.note(left !== 'same');
      if (left !== 'gone') staged.push(left === 'same' ? file : { ...file, ...left });
    }
    for (const name of [...commit.raw, ...staged.map((file) => file.key)]) named.add(name);
    const purged = purgeCommit({ ...commit, staged }, erased.texts);
    const isChanged = JSON.stringify(purged) !== JSON.stringify(commit);
    if (isChanged) await replaceCommit(store, commit, purged);
    counts.commits.note(isChanged);
    last = commit.n;
    // Only now: a commit that names a file which is gone keeps a new warehouse from being loaded.
    for (const { key: file } of commit.staged) if (!named.has(file)) await store.delete(file);
  }
  const orphans: string[] = [];
  for await (const { key } of copiesOf(purge, store)) if (!named.has(key) && !isLater(key, last)) orphans.push(key);
  // In a log without commits, nothing else keeps a run from naming them.
  await check();
  for (const key of orphans) await store.delete(key);
  return { ...counts, orphans: orphans.length };
}

function newCount() {
  return {
    looked: 0,
    changed: 0,
    note(isChanged: boolean) {
      this.looked += 1;
      if (isChanged) this.changed += 1;
    },
  };
}

/** The commit without the ids of erased records. */
function purgeCommit(commit: Commit, ids: ReadonlySet<string>): Commit {
  const scans = commit.scans.map((scan) => ({ ...scan, list: ids.has(scan.list) ? ERASED : scan.list }));
  return { ...commit, scans, state: purgeState(commit.state, ids) };
}

/** Where a read or a full scan was cut. */
const CUT = new Set(['resume', 'scan']);

/** What was cut begins again if its place may name an erased record: a vendor's token may hold the id of the last one shown. */
function purgeState(state: Commit['state'], ids: ReadonlySet<string>): Commit['state'] {
  const kept = Object.entries(state).filter(([name, value]) => !(CUT.has(name) && mayName(value, ids)));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutIds(value, ids)]));
}

function mayName(place: unknown, ids: ReadonlySet<string>): boolean {
  const { token, partition, position } = place as { token?: unknown; partition?: unknown; position?: unknown };
  return token !== undefined || ids.has(String(partition)) || (position !== undefined && mayName(position, ids));
}

/** Without members of lists, and entries of objects, that are an erased record's id. */
function withoutIds(value: unknown, ids: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.filter((member) => !ids.has(member)).map((one) => withoutIds(one, ids));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !ids.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutIds(member, ids)]));
}

/**
 * True for an object that was written for a commit after the last one. Where a killed run may have left any, the log was fenced, so it
 * belongs to a run that took over, and that may name it.
 */
function isLater(key: string, last: number): boolean {
  const n = copyNumber(key);
  return last > 0 && n !== undefined && n > last;
}
