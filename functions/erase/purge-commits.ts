import type { Commit } from '../lake/commit.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { replaceCommit } from '../lake/replace-commit.ts';
import type { StagedFile } from '../ports.ts';
import { type CopyPorts, copiesOf, type Purge, purgeRaw, purgeStaged } from '../purge/purge-copies.ts';
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

/** Purges every copy that a stream's commits name, the commits themselves, and objects that none names. */
export async function purgeCommits(erased: ErasedOfStream, ports: CopyPorts): Promise<PurgedCopies> {
  const { store } = ports;
  const purge = erasureOfCopies(erased);
  const named = new Set<string>();
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
    // Only now: a commit that names a file which is gone keeps a new warehouse from being loaded.
    for (const { key: file } of commit.staged) if (!named.has(file)) await store.delete(file);
  }
  return { ...counts, orphans: await deleteOrphans(purge, named, ports) };
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

/** No run of this account is in progress, so an object without a commit will never have one. */
async function deleteOrphans(purge: Purge, named: ReadonlySet<string>, { store }: CopyPorts): Promise<number> {
  const orphans: string[] = [];
  for await (const { key } of copiesOf(purge, store)) if (!named.has(key)) orphans.push(key);
  for (const key of orphans) await store.delete(key);
  return orphans.length;
}
