import { columnIndex } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { newLoadId, ROTATION, stagedKey } from '../lake/objects.ts';
import { columnsOfRows } from '../lake/staged-files.ts';
import type { Engine, Ports, StagedFile } from '../ports.ts';
import { dayOf, dayText } from '../time.ts';

/** What staging rows of a rotation needs. */
export interface StagePorts extends Pick<Ports, 'store' | 'parquet' | 'now' | 'random'> {
  readonly engine: Engine;
}

/** Where the rows belong. */
export interface RotatedRows {
  readonly table: Table;
  readonly account: string;
  /** Least and greatest `_part_on`, `YYYY-MM-DD`. */
  readonly partFrom: string;
  readonly partTo: string;
}

/** Rows of one staged file. */
const ROWS_PER_FILE = 20_000;

/** Stages the rows under a load id that no commit names, and deletes the files after `work`. @param rows are given account and load id */
export async function withStagedRows(
  rows: readonly Value[][],
  { table, account, partFrom, partTo }: RotatedRows,
  { store, parquet, engine, now, random }: StagePorts,
  work: (staged: { readonly loadId: string; readonly day: string }) => Promise<unknown>,
): Promise<void> {
  const id = { source: table.source, account, stream: ROTATION };
  const loadId = newLoadId(id, now(), random);
  const day = dayText(dayOf(now()));
  const place = columnIndex(table);
  for (const row of rows) {
    row[place('account')] = account;
    row[place('_load_id')] = loadId;
  }
  const files: StagedFile[] = [];
  try {
    for (let at = 0; at < rows.length; at += ROWS_PER_FILE) {
      const part = rows.slice(at, at + ROWS_PER_FILE);
      const key = stagedKey(table.name, account, { day, name: loadId, part: files.length + 1 });
      files.push({ table: table.name, key, rows: part.length, deletes: 0, partFrom, partTo });
      await store.put(key, await parquet.write(table, columnsOfRows(part, table)));
    }
    await engine.stage(table, files);
    await work({ loadId, day });
  } finally {
    for (const { key } of files) await store.delete(key);
  }
}
