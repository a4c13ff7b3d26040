import { callVersions } from '../../schemas/call-versions.ts';
import { insertNewText } from '../../schemas/derive/insert-new.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import { deleteVersionsText, hasHistory, versionsText } from '../../schemas/derive/versions.ts';
import type { Table } from '../../schemas/table.ts';
import type { Commit } from '../lake/commit.ts';
import type { StagedFile } from '../ports.ts';
import { findSpans } from './find-spans.ts';
import { findSuperseded, type RowsToMerge } from './find-superseded.ts';
import { folderDayOf } from './months.ts';
import { execute, type LoadTarget } from './target.ts';

/** Rows changed, by qualified table name. */
export type Changed = Readonly<Record<string, number>>;

/** What merging a batch did. */
export interface Merged {
  readonly changed: Changed;
  /** Bytes that the statements scanned; undefined if the engine does not say. */
  readonly scannedBytes: number | undefined;
}

/** Merges the staged rows of a batch of commits of one stream into its tables. */
export async function mergeBatch(
  batch: readonly Commit[],
  tables: readonly Table[],
  target: LoadTarget,
): Promise<Merged> {
  const changed: Record<string, number> = {};
  let scannedBytes: number | undefined;
  for (const table of tables) {
    for await (const merged of mergeTable(table, batch, target)) {
      changed[merged.name] = (changed[merged.name] ?? 0) + merged.rows;
      if (merged.scannedBytes !== undefined) scannedBytes = (scannedBytes ?? 0) + merged.scannedBytes;
    }
  }
  return { changed, scannedBytes };
}

/** Merges into both twins of a table, and adds versions. @returns after each statement, the table's qualified name and what was done */
async function* mergeTable(table: Table, batch: readonly Commit[], target: LoadTarget): AsyncGenerator<MergedTable> {
  const { engine, databases } = target;
  const account = batch[0]?.account ?? '';
  const run = async (name: string, sql: string): Promise<MergedTable> => {
    const { changed, scannedBytes } = await execute(sql, target);
    return { name, rows: changed, scannedBytes };
  };
  const versions = `${databases.safe}.${callVersions.name}`;
  const replaced = hasHistory(table) ? batch.filter(target.isRewritten).map(({ n }) => n) : [];
  if (replaced.length > 0) await run(versions, deleteVersionsText({ table, account }, replaced, databases));
  const all = filesOf(table, batch);
  const superseded = await findSuperseded(table, rowsIn(all, account), target);
  // New rows are inserted as they are read, so memory does not limit the number of files.
  for (const slice of superseded ? [all] : slicesOf(all, engine.filesPerMerge)) {
    const scope = rowsIn(slice, account);
    if (!superseded) await engine.stage(table, scope.files);
    for (const span of await findSpans(table, scope, target)) {
      const part = { ...scope, ...span };
      // PHI first, so that every row in the safe table has its PHI row.
      for (const twin of ['phi', 'safe'] as const) {
        const text = superseded
          ? insertNewText(table, twin, { ...part, superseded }, databases)
          : mergeText(table, twin, part, databases);
        yield await run(`${databases[twin]}.${table.name}`, text);
      }
    }
    if (hasHistory(table)) yield await run(versions, versionsText(table, { ...scope, ...seqRange(slice) }, databases));
  }
}

/** What one statement did to a table. */
interface MergedTable {
  readonly name: string;
  readonly rows: number;
  readonly scannedBytes: number | undefined;
}

/** A staged file and the commit that names it. */
interface FileOfCommit {
  readonly file: StagedFile;
  readonly loadId: string;
  readonly n: number;
}

function filesOf(table: Table, batch: readonly Commit[]): readonly FileOfCommit[] {
  return batch.flatMap(({ staged, loadId, n }) =>
    staged.filter((file) => file.table === table.name).map((file) => ({ file, loadId, n })),
  );
}

function rowsIn(files: readonly FileOfCommit[], account: string): RowsToMerge {
  const staged = files.map(({ file }) => file);
  return {
    account,
    loadIds: [...new Set(files.map(({ loadId }) => loadId))],
    days: [...new Set(staged.map(folderDayOf))].sort(),
    removals: staged.some(({ deletes }) => deletes > 0),
    files: staged,
  };
}

/**
 * The files in slices of at most `size`, the last ones first. If one commit contains a key twice, the later row counts; the earlier one
 * has the same `_seq`, so merging it afterwards changes nothing.
 */
function slicesOf(files: readonly FileOfCommit[], size = Number.POSITIVE_INFINITY) {
  const slices: (readonly FileOfCommit[])[] = [];
  for (let end = files.length; end > 0; end -= size) slices.push(files.slice(Math.max(0, end - size), end));
  return slices;
}

function seqRange(slice: readonly FileOfCommit[]) {
  const numbers = slice.map(({ n }) => n);
  return { seqFrom: Math.min(...numbers), seqTo: Math.max(...numbers) };
}
