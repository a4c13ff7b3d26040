import { namedColumns } from '../../schemas/derive/rename-keys.ts';
import type { Table } from '../../schemas/table.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import type { StreamId } from '../lake/objects.ts';
import { readStaged } from '../lake/staged-files.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, Ports } from '../ports.ts';
import { countsWords, noteNamesOfLog, openNamedLog } from './rename-log.ts';
import { type FoundKeys, noKeys, noteRow, noteStoredRows } from './renamed-keys.ts';

/** Where a rotation looks. */
export interface FindKeysPorts extends Pick<Ports, 'store' | 'codec' | 'readParquet' | 'now' | 'random'> {
  readonly engine: Engine | undefined;
}

/** The rows of one account in a table whose keys are renamed. */
export interface NamedRows {
  readonly table: Table;
  readonly account: string;
  /** Columns that hold such keys. */
  readonly columns: readonly string[];
}

/** The keys that do not show their text, and where they are. */
export interface KeysOfLake {
  readonly found: FoundKeys;
  readonly rows: readonly NamedRows[];
  /** Streams that know such keys, or count words by hashes. */
  readonly logs: readonly StreamId[];
}

/** Every stream of every account. */
export function* streamIds({ streams, accounts }: LoadPlan): Iterable<{ id: StreamId; tables: readonly Table[] }> {
  for (const { source, stream, tables } of streams)
    for (const account of accounts[source] ?? []) yield { id: { source, account, stream }, tables };
}

/** Looks for keys that do not show their text: in the warehouse, whose tables are prepared, in staged files and in what streams know. */
export async function findKeys(plan: LoadPlan, ports: FindKeysPorts): Promise<KeysOfLake> {
  const found = noKeys();
  const rows: NamedRows[] = [];
  const logs: StreamId[] = [];
  for (const { id, tables } of streamIds(plan)) {
    for (const table of ports.engine ? tables : []) {
      const where = { engine: ports.engine as Engine, databases: plan.databases, found };
      rows.push({ table, account: id.account, columns: await noteStoredRows(table, id.account, where) });
    }
    await noteStagedRows(id, tables, found, ports);
    const log = await openNamedLog(id, ports);
    if (log && ((await noteNamesOfLog(log, found)) || countsWords(log.last, id))) logs.push(id);
  }
  return { found, rows: rows.filter(({ columns }) => columns.length > 0), logs };
}

async function noteStagedRows(id: StreamId, tables: readonly Table[], found: FoundKeys, ports: FindKeysPorts) {
  const named = new Map(tables.map((table) => [table.name, namedColumns(table)]));
  for await (const { staged } of readCommitsAfter(ports.store, id, 0)) {
    for (const { table: name, key } of staged) {
      const table = tables.find((one) => one.name === name);
      const columns = named.get(name) ?? [];
      if (!table || columns.length === 0) continue;
      const read = await readStaged(key, [...columns, '_extra'], ports);
      for (let row = 0; row < (read?.[0]?.length ?? 0); row += 1) {
        const values = Object.fromEntries(columns.map((column, n) => [column, read?.[n]?.[row]]));
        noteRow(table, values, read?.[columns.length]?.[row], found);
      }
    }
  }
}
