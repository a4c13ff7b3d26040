import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { FlatRow } from '../extract/rows/flatten.ts';
import type { Commit } from '../lake/commit.ts';
import type { StagedFile } from '../ports.ts';
import { aliasOf, foldRows, parentKey } from './fold-rows.ts';
import { isOfVersion, isSameRow } from './refill-row.ts';
import { restage } from './restage.ts';
import { type Facts, factsOf, seeRecords } from './seen-records.ts';
import { isUpsert, keyOfRow, readStagedRows, type StagedRows, writeStagedRows } from './staged-rows.ts';
import type { SeenRecords, StreamReplay } from './stream-replay.ts';

/**
 * Makes the rows of one commit again: staged rows get the values that their records have by the present declaration. Rows without a raw
 * copy stay as they were staged. Staged files that are gone are made from the raw copies.
 * @throws StateError if a copy is damaged; StorageError
 */
export async function replayCommit(replay: StreamReplay, commit: Commit): Promise<void> {
  const { files, missing } = await readFiles(replay, commit);
  noteFirstKeys(replay, files);
  const seen = await seeRecords(replay, commit.raw, noteFacts(replay, files));
  for (const file of files) await refill(replay, file, seen);
  const made = missing.length > 0 ? await restage(replay, commit, { seen, files, missing }) : [];
  for (const { table, rows } of made) for (const row of rows) noteRow(replay, table, row, isUpsert(table, row));
  foldRows(replay, [...files, ...made], seen);
  for (const key of seen.records.keys()) replay.seenIn.set(key, commit.raw);
  for (const { list, complete } of commit.scans) if (complete) replay.readAt.set(list, Date.parse(commit.at));
}

/** The staged files of a commit, and those that are gone. */
async function readFiles(replay: StreamReplay, { staged }: Commit) {
  const { stream, ports } = replay;
  const files: StagedRows[] = [];
  const missing: StagedFile[] = [];
  for (const file of staged) {
    const table = stream.tables.find(({ name }) => name === file.table);
    const read = table && (await readStagedRows(file, table, ports));
    if (read) files.push(await withoutErased(replay, read));
    else if (table) missing.push(file);
  }
  return { files, missing };
}

/** The file without rows of erased records, which an earlier copy of the lake may have brought back. */
async function withoutErased(
  { stream, isErasedKey, ports, tally }: StreamReplay,
  file: StagedRows,
): Promise<StagedRows> {
  const { table } = file;
  const [main] = stream.tables;
  const recordOf = (row: readonly Value[]) => (table === main ? keyOfRow(table, row) : parentKey(main, table, row));
  const rows = file.rows.filter((row) => !isErasedKey(recordOf(row) ?? ''));
  if (rows.length === file.rows.length) return file;
  const kept = await writeStagedRows({ ...file, rows }, ports);
  tally.files += 1;
  return kept;
}

/** A record keeps the key that it had first, which its staged row has. */
function noteFirstKeys({ stream, digest }: StreamReplay, files: readonly StagedRows[]): void {
  const [table] = stream.tables;
  if (!table.stableKey) return;
  for (const row of files.filter((file) => file.table === table).flatMap(({ rows }) => rows)) {
    const alias = isUpsert(table, row) ? aliasOf(table, row) : undefined;
    if (alias === undefined || digest.firstKeys.get(alias)) continue;
    digest.setFirstKey(alias, { key: keyOfRow(table, row), firstSeenAt: 0 });
  }
}

function noteFacts({ stream }: StreamReplay, files: readonly StagedRows[]): ReadonlyMap<string, Facts> {
  const [table] = stream.tables;
  const facts = new Map<string, Facts>();
  for (const row of files.filter((file) => file.table === table).flatMap(({ rows }) => rows))
    if (isUpsert(table, row)) facts.set(keyOfRow(table, row), factsOf(table, row));
  return facts;
}

/** Refills the rows of a staged file, and writes it if any changed. */
async function refill(replay: StreamReplay, file: StagedRows, seen: SeenRecords): Promise<void> {
  const { table, rows } = file;
  const refillRow = replay.refillOf(table);
  let isChanged = false;
  for (const [n, row] of rows.entries()) {
    if (!isUpsert(table, row)) continue;
    const flat = flatOf(replay, table, row, seen) ?? (await earlierFlat(replay, table, row));
    noteRow(replay, table, row, flat !== undefined);
    const present = flat ? refillRow(row, flat, isRedacted(replay, flat)) : row;
    if (isSameRow(present, row)) continue;
    rows[n] = [...present];
    isChanged = true;
  }
  if (!isChanged) return;
  await writeStagedRows(file, replay.ports);
  replay.tally.files += 1;
}

function isRedacted({ stream, isEmptied }: StreamReplay, { table, key, optedOut }: FlatRow): boolean {
  return optedOut || (table === stream.tables[0] && isEmptied(key));
}

function flatOf({ stream }: StreamReplay, table: Table, row: readonly Value[], seen: SeenRecords): FlatRow | undefined {
  const key = keyOfRow(table, row);
  return table === stream.tables[0] ? seen.records.get(key)?.row : seen.children.get(table)?.get(key);
}

/** A word that was earned later shows in rows that are staged again, in a commit that did not read their record. */
async function earlierFlat(replay: StreamReplay, table: Table, row: readonly Value[]): Promise<FlatRow | undefined> {
  const [main] = replay.stream.tables;
  const record = table === main ? keyOfRow(table, row) : parentKey(main, table, row);
  const raw = record === undefined ? undefined : replay.seenIn.get(record);
  const flat = raw && flatOf(replay, table, row, await replay.seeAgain(raw));
  return flat && isOfVersion(table, row, flat) ? flat : undefined;
}

function noteRow({ tally }: StreamReplay, table: Table, row: readonly Value[], isRebuilt: boolean): void {
  if (isUpsert(table, row)) tally.rows.get(table)?.set(keyOfRow(table, row), isRebuilt);
}
