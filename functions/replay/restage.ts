import { hashColumns } from '../../schemas/derive/rehash.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { newDiff } from '../extract/changes/diff.ts';
import { decodeChildren, encodeChildren } from '../lake/child-rows.ts';
import type { Commit } from '../lake/commit.ts';
import type { Digest } from '../lake/digest.ts';
import type { StagedFile } from '../ports.ts';
import { isUpsert, keyOfRow, type StagedRows, valueIn, writeStagedRows } from './staged-rows.ts';
import type { SeenRecords, StreamReplay } from './stream-replay.ts';

/** What is left of a commit. */
export interface CommitCopies {
  readonly seen: SeenRecords;
  readonly files: readonly StagedRows[];
  /** Staged files that are gone. */
  readonly missing: readonly StagedFile[];
}

/**
 * Makes staged files that are gone from the raw copies, as the extractor made them. A removal is in no raw copy: the digest knows it, if
 * it is not lost too. Of a caller that opted out, no number is kept, so that its hashes become null.
 * @returns the files; none if the commit has no raw copy either
 */
export async function restage(
  replay: StreamReplay,
  commit: Commit,
  { seen, files, missing }: CommitCopies,
): Promise<readonly StagedRows[]> {
  const { stream, ports, tally } = replay;
  const { rows, lostRemovals } = rowsOf(replay, commit, seen);
  const isLost = seen.inOrder.length === 0 && rows.length === 0 && missing.some((file) => file.rows > file.deletes);
  tally.lostRemovals += lostRemovals;
  // What the warehouse has of them stays.
  if (isLost || lostRemovals > 0) tally.unread.push(commit.n);
  if (isLost) return [];
  const made = stream.tables.flatMap((table) => {
    const held = new Set(
      files.flatMap((file) => (file.table === table ? file.rows.map((row) => keyOfRow(table, row)) : [])),
    );
    const own = rows.flatMap((row) =>
      row.table === table && !held.has(keyOfRow(table, row.values)) ? [[...row.values]] : [],
    );
    return spread(
      table,
      own,
      missing.filter((file) => file.table === table.name),
    );
  });
  for (const file of made) await writeStagedRows(file, ports);
  tally.files += made.length;
  const isWithout = (table: Table, row: readonly Value[]) => hasLostHashes(table, row, seen);
  tally.lostHashes += made.flatMap(({ table, rows: own }) => own.filter((row) => isWithout(table, row))).length;
  return made;
}

/** The rows of a commit, and how many removals are not among them. */
function rowsOf({ id, stream, rules, digest, ...replay }: StreamReplay, commit: Commit, seen: SeenRecords) {
  const { hashKey, removal } = rules;
  const at = Date.parse(commit.at);
  const { tables } = stream;
  noteOrigins(replay.before, digest, seen);
  const diff = newDiff({ tables, digest, account: id.account, at, hashKey, removal, commit: () => commit });
  const rows = [...diff.compare(seen.inOrder).rows];
  for (const key of removedBy(replay, commit)) rows.push(...diff.remove(key));
  // The digest says of every record whether it is removed now. A record that came back since is not.
  const isKnown = replay.before !== undefined;
  return { rows, lostRemovals: isKnown ? 0 : Math.max(0, commit.counts.deleted - diff.takeCounts().deleted) };
}

/** Rows keep the day and the instant that they were first seen on, though the copies of then have expired. */
function noteOrigins(before: StreamReplay['before'], digest: Digest, { records }: SeenRecords): void {
  for (const key of records.keys()) {
    const known = digest.entries.get(key) ? undefined : before?.entries.get(key);
    if (!known) continue;
    const { partOn, firstSeenAt, group } = known;
    const unknown = [...decodeChildren(known.children)].map(
      ([id, child]) => [id, { ...child, contentHash: '' }] as const,
    );
    const children = encodeChildren(new Map(unknown));
    digest.set(key, {
      ...{ contentHash: '', partOn, firstSeenAt },
      ...(group === undefined ? {} : { group }),
      ...(children === undefined ? {} : { children }),
    });
  }
}

/** Puts the rows into the files that are gone, the rest into the last one. */
function spread(table: Table, rows: readonly Value[][], gone: readonly StagedFile[]): readonly StagedRows[] {
  let from = 0;
  return gone.map(({ key, rows: count }, n) => {
    const to = n === gone.length - 1 ? rows.length : Math.min(rows.length, from + count);
    const own = rows.slice(from, to);
    from = to;
    return { table, key, rows: own, body: undefined };
  });
}

/** Records that the commit removed, as the digest says. Of several commits of one run, the last one that removed any. */
function removedBy(
  { before, removals }: Pick<StreamReplay, 'before' | 'removals'>,
  { n, at }: Commit,
): readonly string[] {
  if (removals.get(at) !== n) return [];
  const ms = Date.parse(at);
  return [...(before?.entries ?? [])].flatMap(([key, { deletedAt }]) => (deletedAt === ms ? [key] : []));
}

function hasLostHashes(table: Table, row: readonly Value[], { records }: SeenRecords): boolean {
  const isOut = isUpsert(table, row) && records.get(keyOfRow(table, row))?.row.optedOut === true;
  return isOut && hashColumns(table).some((name) => valueIn(table, row, name) === null);
}
