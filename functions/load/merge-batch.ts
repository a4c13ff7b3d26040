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

/** Rows changed, by qualified table. */
export type Changed = Readonly<Record<string, number>>;

/** Where a batch goes. */
export interface Target {
  readonly engine: Engine;
  /** Identity of the warehouse: part of every statement's token, so that an emptied one is not taken for loaded. */
  readonly warehouse: string;
  readonly databases?: Databases;
}

/** Rows of one statement: Athena takes 256 KiB of text. */
const INSERT_ROWS = 500;

/** Brings the staged rows of a batch of commits of one stream into its tables, then the batch's own rows in `loads` and `rejects`. */
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
    };
    await target.engine.stage(table, files);
    for (const span of partSpans(files)) {
      // PHI first: a row that BI sees always has its twin.
      for (const twin of ['phi', 'safe'] as const) {
        const sql = mergeText(table, twin, { ...scope, ...span }, databases);
        changed.push([`${databases[twin]}.${table.name}`, await execute(sql, target)]);
      }
    }
  }
  return changed;
}

/**
 * The table's files of the batch, so many at a time. The last come first: of a key that one commit holds twice the later row
 * counts, and the earlier one, which has the same `_seq`, then changes nothing.
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

function dayOf({ key }: StagedFile): string {
  const day = /\/day=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
  if (day === undefined) throw new StateError(`staged file ${key} lies in no day=YYYY-MM-DD folder`);
  return day;
}
