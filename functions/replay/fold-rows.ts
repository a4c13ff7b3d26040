import { parentColumns, type Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { childId, decodeChildren, encodeChildren } from '../lake/child-rows.ts';
import type { DigestEntry } from '../lake/digest/digest-entry.ts';
import { isBlank, joinKey } from '../lake/digest.ts';
import { isOptedOutRow, isUpsert, keyOfRow, type StagedRows, valueIn } from './staged-rows.ts';
import type { SeenRecords, StreamReplay } from './stream-replay.ts';

/** Notes in the digest what the rows of a commit did, as the extractor did when it staged them. */
export function foldRows(replay: StreamReplay, files: readonly StagedRows[], seen: SeenRecords): void {
  const [main] = replay.stream.tables;
  for (const { table, rows } of files) if (table === main) for (const row of rows) foldRecord(replay, row, seen);
  for (const { table, rows } of files)
    if (table !== main && table.removal === 'with-parent') for (const row of rows) foldChild(replay, table, row, seen);
}

function foldRecord(replay: StreamReplay, row: readonly Value[], seen: SeenRecords): void {
  const { digest, stream, unsure } = replay;
  const [table] = stream.tables;
  const key = keyOfRow(table, row);
  const before = digest.entries.get(key);
  replay.changedAt.set(key, Number(valueIn(table, row, '_changed_at')));
  if (!isUpsert(table, row)) {
    if (before) digest.set(key, { ...before, deletedAt: Number(valueIn(table, row, '_deleted_at')) });
    return;
  }
  const flat = seen.records.get(key);
  const alias = aliasOf(table, row) ?? flat?.row.alias ?? before?.alias;
  const group = flat ? flat.group : before?.group;
  const optedOut = flat ? flat.row.optedOut : isOptedOutRow(table, row, replay.rules);
  if (flat && !optedOut && !replay.hasOptedOut(key)) unsure.delete(key);
  else unsure.add(key);
  const entry: DigestEntry = {
    contentHash: flat?.row.contentHash ?? '',
    ...originOf(table, row),
    ...(group === undefined ? {} : { group }),
    ...(flat?.sortedAt === undefined ? {} : { sortedAt: flat.sortedAt }),
    ...(flat?.sortedBy === undefined ? {} : { sortedBy: flat.sortedBy }),
    ...(alias === undefined ? {} : { alias }),
    ...(optedOut ? { optedOut: true as const } : {}),
    ...(before?.children === undefined ? {} : { children: before.children }),
  };
  digest.set(key, entry);
}

/** Value of the column that the table's stable key is looked up by. */
export function aliasOf(table: Table, row: readonly Value[]): string | undefined {
  const alias = table.stableKey && valueIn(table, row, table.stableKey.by);
  return typeof alias === 'string' && !isBlank(alias) ? alias : undefined;
}

function foldChild(replay: StreamReplay, table: Table, row: readonly Value[], seen: SeenRecords): void {
  const { digest, stream } = replay;
  const parent = parentKey(stream.tables[0], table, row);
  const entry = parent === undefined ? undefined : digest.entries.get(parent);
  if (parent === undefined || !entry) return;
  const key = keyOfRow(table, row);
  const children = decodeChildren(entry.children);
  const contentHash = seen.children.get(table)?.get(key)?.contentHash ?? '';
  children.set(childId(table, key), { contentHash, ...originOf(table, row), deleted: !isUpsert(table, row) });
  const encoded = encodeChildren(children);
  digest.set(parent, { ...entry, ...(encoded === undefined ? {} : { children: encoded }) });
}

function originOf(table: Table, row: readonly Value[]): Pick<DigestEntry, 'partOn' | 'firstSeenAt'> {
  return {
    partOn: Number(valueIn(table, row, '_part_on')),
    firstSeenAt: Number(valueIn(table, row, '_first_seen_at')),
  };
}

/** Key of the record that a child row belongs to; undefined if the row does not say. */
export function parentKey(main: Table, table: Table, row: readonly Value[]): string | undefined {
  const columns = parentColumns(main, table);
  if (columns.includes(undefined)) return undefined;
  return joinKey(columns.map((name) => valueIn(table, row, name ?? '')));
}
