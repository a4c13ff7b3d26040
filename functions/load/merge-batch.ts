import { createHash } from 'node:crypto';
import { type BookkeepingTable, loads, rejects } from '../../schemas/bookkeeping.ts';
import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { type BookkeepingRow, insertText } from '../../schemas/derive/insert.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import type { Table } from '../../schemas/table.ts';
import { StateError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import type { Engine, StagedFile } from '../ports.ts';
import { partSpans } from './batch.ts';
import { loadsRow, rejectRows } from './bookkeeping-rows.ts';

/** Rows changed, by qualified table name. */
export type Changed = Readonly<Record<string, number>>;

/** Where a batch is merged into. */
export interface Target {
  readonly engine: Engine;
  /** Identity of the warehouse. It is part of every statement's token, so that a new warehouse does not join old statements. */
  readonly warehouse: string;
  readonly databases?: Databases;
}

/** Rows per INSERT; keeps its text below Athena's 256 KiB. */
const INSERT_ROWS = 500;

/**
 * Merges the staged rows of a batch of commits of one stream into its tables, then inserts the batch's rows of `loads` and
 * `rejects`.
 */
export async function mergeBatch(batch: readonly Commit[], tables: readonly Table[], target: Target): Promise<Changed> {
  const { databases = DATABASES } = target;
  return target.engine.atomically(async () => {
    const changed: Record<string, number> = {};
    for (const table of tables) {
      for (const [name, rows] of await mergeTable(table, batch, target, databases)) {
        changed[name] = (changed[name] ?? 0) + rows;
      }
    }
    await insertRows(loads, batch.map(loadsRow), target, databases);
    await insertRows(rejects, batch.flatMap(rejectRows), target, databases);
    return changed;
  });
}

async function mergeTable(table: Table, batch: readonly Commit[], target: Target, databases: Databases) {
  const changed: [table: string, rows: number][] = [];
  for (const slice of slicesOf(table, batch, target.engine.filesPerMerge)) {
    const files = slice.map(({ file }) => file);
    const scope = {
      account: batch[0]?.account ?? '',
      loadIds: [...new Set(slice.map(({ loadId }) => loadId))],
      days: [...new Set(files.map(dayOf))].sort(),
      removals: files.some(({ deletes }) => deletes > 0),
    };
    await target.engine.stage(table, files);
    for (const span of partSpans(files)) {
      // PHI first, so that every row in the safe table has its PHI row.
      for (const twin of ['phi', 'safe'] as const) {
        const sql = mergeText(table, twin, { ...scope, ...span }, databases);
        changed.push([`${databases[twin]}.${table.name}`, await execute(sql, target)]);
      }
    }
  }
  return changed;
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

async function insertRows(
  table: BookkeepingTable,
  rows: readonly BookkeepingRow[],
  target: Target,
  databases: Databases,
) {
  for (let at = 0; at < rows.length; at += INSERT_ROWS) {
    await execute(insertText(table, rows.slice(at, at + INSERT_ROWS), databases), target);
  }
}

async function execute(sql: string, { engine, warehouse }: Target): Promise<number> {
  const token = createHash('sha256').update(warehouse).update('\n').update(sql).digest('hex');
  return (await engine.execute(sql, token)).changed;
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
