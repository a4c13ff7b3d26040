import { mergeText } from '../../schemas/derive/merge.ts';
import type { Table } from '../../schemas/table.ts';
import { StateError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import type { StagedFile } from '../ports.ts';
import { partSpans } from './batch.ts';
import { execute, type Target } from './target.ts';

/** Rows changed, by qualified table name. */
export type Changed = Readonly<Record<string, number>>;

/** What merging a batch did. */
export interface Merged {
  readonly changed: Changed;
  /** Bytes that the statements scanned; undefined if the engine does not say. */
  readonly scannedBytes: number | undefined;
}

/** Merges the staged rows of a batch of commits of one stream into its tables. */
export async function mergeBatch(batch: readonly Commit[], tables: readonly Table[], target: Target): Promise<Merged> {
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

/** Merges into both twins of a table. @returns after each statement, the twin's qualified name and what was done */
async function* mergeTable(table: Table, batch: readonly Commit[], target: Target) {
  const { engine, databases } = target;
  for (const slice of slicesOf(table, batch, engine.filesPerMerge)) {
    const files = slice.map(({ file }) => file);
    const scope = {
      account: batch[0]?.account ?? '',
      loadIds: [...new Set(slice.map(({ loadId }) => loadId))],
      days: [...new Set(files.map(dayOf))].sort(),
      removals: files.some(({ deletes }) => deletes > 0),
    };
    await engine.stage(table, files);
    for (const span of partSpans(files)) {
      // PHI first, so that every row in the safe table has its PHI row.
      for (const twin of ['phi', 'safe'] as const) {
        const sql = mergeText(table, twin, { ...scope, ...span }, databases);
        const { changed, scannedBytes } = await execute(sql, target);
        yield { name: `${databases[twin]}.${table.name}`, rows: changed, scannedBytes };
      }
    }
  }
}

/**
 * The batch's files of the table, in slices of at most `size`, the last files first. If one commit contains a key twice, the later
 * row counts; the earlier one has the same `_seq`, so merging it afterwards changes nothing.
 */
function slicesOf(table: Table, batch: readonly Commit[], size = Number.POSITIVE_INFINITY) {
  const files = batch.flatMap(({ staged, loadId }) =>
    staged.filter((file) => file.table === table.name).map((file) => ({ file, loadId })),
  );
  const slices: (typeof files)[] = [];
  for (let end = files.length; end > 0; end -= size) slices.push(files.slice(Math.max(0, end - size), end));
  return slices;
}

/** The day of a staged file's folder. @throws StateError if the key has none */
function dayOf({ key }: StagedFile): string {
  const day = /\/day=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
  if (day === undefined)
    throw new StateError(
      `staged file ${key} is not in a folder day=YYYY-MM-DD; update Callhouse, or restore the commit from a copy`,
    );
  return day;
}
