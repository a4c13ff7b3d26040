import { loads, rejects } from '../../schemas/bookkeeping.ts';
import { type BookkeepingRow, insertText } from '../../schemas/derive/insert.ts';
import { tablesWithHistory } from '../../schemas/derive/versions.ts';
import type { OwnTable } from '../../schemas/own-table.ts';
import type { Table } from '../../schemas/table.ts';
import type { Commit } from '../lake/commit.ts';
import { writeProgress } from '../lake/load-progress.ts';
import type { StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import { MINUTE_MS } from '../time.ts';
import { loadsRow, rejectRows } from './bookkeeping-rows.ts';
import { execute, type LoadTarget } from './target.ts';

/** Commits of one stream that were merged together. */
export interface MergedBatch {
  readonly id: StreamId;
  readonly commits: readonly Commit[];
  /** Tables of the stream. */
  readonly tables: readonly Table[];
  /** Bytes that their statements scanned; undefined if the engine does not say. */
  readonly scannedBytes: number | undefined;
}

/** Rows per INSERT; keeps its text below Athena's 256 KiB. */
const INSERT_ROWS = 500;
/** A killed run does again what it merged since the last save, so a long run saves several times. */
const SAVE_AFTER_MS = 3 * MINUTE_MS;

/** Inserts the batches' rows of `loads` and `rejects`: one statement for each of the two tables, unless there are more than 500 rows. */
export async function insertBookkeeping(batches: readonly MergedBatch[], target: LoadTarget): Promise<void> {
  await insertRows(loads, batches.flatMap(loadsRows), target);
  await insertRows(
    rejects,
    batches.flatMap(({ commits }) => commits.flatMap(rejectRows)),
    target,
  );
}

/** Saves how far each batch's stream is loaded. */
export async function saveProgress(batches: readonly MergedBatch[], { id }: LoadTarget, store: Store): Promise<void> {
  for (const batch of batches) {
    const last = batch.commits.at(-1);
    if (!last) continue;
    const { n, loadId } = last;
    const kept = tablesWithHistory(batch.tables).map((name) => [name, n]);
    const versions = kept.length > 0 ? { versions: Object.fromEntries(kept) } : {};
    await writeProgress(store, id, batch.id, { version: 1, n, loadId, ...versions });
  }
}

/** Batches whose rows are merged, and whose bookkeeping and progress are still to be written. */
export interface Ledger {
  /** Notes a batch; saves all noted batches if there are many rows, or if the last save was minutes ago. */
  add(batch: MergedBatch): Promise<void>;
  /** Writes the noted batches' bookkeeping, then their progress. */
  save(): Promise<void>;
}

/**
 * Opens a ledger, which collects the bookkeeping of a load. One load so changes `loads` once, and not once for each stream: every change
 * of an Iceberg table costs a statement, files, and one of the versions that Glue keeps of a table.
 * @param now the clock, ms
 */
export function openLedger(target: LoadTarget, store: Store, now: () => number): Ledger {
  let noted: MergedBatch[] = [];
  let savedAt = now();
  let saving = Promise.resolve();
  const saveNoted = async () => {
    const batches = noted;
    noted = [];
    savedAt = now();
    if (batches.length === 0) return;
    await insertBookkeeping(batches, target);
    await saveProgress(batches, target, store);
  };
  // One after the other: two statements that change a table at the same time would conflict.
  const save = () => {
    saving = saving.catch(() => {}).then(saveNoted);
    return saving;
  };
  return {
    save,
    async add(batch) {
      noted.push(batch);
      const rows = noted.reduce((sum, { commits }) => sum + commits.length, 0);
      if (rows >= INSERT_ROWS || now() - savedAt >= SAVE_AFTER_MS) await save();
    },
  };
}

/** A batch is merged by the same statements, so the last of its commits has the bytes of all. */
function loadsRows({ commits, scannedBytes }: MergedBatch): readonly BookkeepingRow[] {
  const last = commits.at(-1);
  return commits.map((commit) => loadsRow(commit, commit === last || scannedBytes === undefined ? scannedBytes : 0));
}

async function insertRows(table: OwnTable, rows: readonly BookkeepingRow[], target: LoadTarget): Promise<void> {
  for (let at = 0; at < rows.length; at += INSERT_ROWS)
    await execute(insertText(table, rows.slice(at, at + INSERT_ROWS), target.databases), target);
}
