import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { hashColumns, hashRowsText, hashSources, type RehashSpan, rehashText } from '../../schemas/derive/rehash.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { type ColumnIndex, columnIndex, layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { hashAdder } from '../extract/changes/complete-row.ts';
import { realDay } from '../load/months.ts';
import type { Engine } from '../ports.ts';
import { dayOf } from '../time.ts';
import { type StagePorts, withStagedRows } from './stage-rows.ts';

/** What became of the hashes of stored rows. */
export interface RehashCount {
  /** Rows that got hashes of the new key. */
  readonly rows: number;
  /** Hashes that became null, because nothing is stored any more that they could be made from. */
  readonly lost: number;
}

/** The rows to hash anew, and the key. */
export interface RehashRequest {
  readonly table: Table;
  readonly account: string;
  readonly hashKey: string;
  readonly databases?: Databases | undefined;
}

/** Hashes the rows of one account anew from `callhouse_phi`, a month of `_part_on` at a time. Doing it again changes nothing. */
export async function rehashTable(request: RehashRequest, ports: StagePorts): Promise<RehashCount> {
  const total = { rows: 0, lost: 0 };
  for (const span of await spansOf(request, ports.engine)) {
    const { changed, lost } = await changedRows(request, span, ports.engine);
    if (changed.length > 0)
      await withStagedRows(changed, { ...request, ...span }, ports, (staged) =>
        ports.engine.execute(rehashText(request.table, { ...span, ...staged }, request.databases)),
      );
    total.rows += changed.length;
    total.lost += lost;
  }
  return total;
}

/** The months that have rows. */
async function spansOf({ table, account, databases = DATABASES }: RehashRequest, { query }: Engine) {
  const { rows } = await query(
    `SELECT DISTINCT substr(CAST("_part_on" AS varchar), 1, 7) FROM ${quoteName(databases.safe)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} ORDER BY 1`,
  );
  return rows.map(([value]): RehashSpan => {
    const month = String(value);
    return { account, partFrom: `${month}-01`, partTo: realDay(`${month}-31`) };
  });
}

/** Complete staged rows of those whose hashes change. */
async function changedRows({ table, hashKey, databases }: RehashRequest, span: RehashSpan, { query }: Engine) {
  const addHashes = hashAdder(table, hashKey);
  const place = columnIndex(table);
  const hashes = hashColumns(table);
  const sources = hashSources(table);
  const { rows } = await query(hashRowsText(table, span, databases));
  const changed: Value[][] = [];
  let lost = 0;
  for (const row of rows) {
    const values = readRow(row, table, place, sources);
    addHashes(values);
    const stored = row.slice(table.key.length + 1 + sources.length);
    const made = hashes.map((name) => values[place(name)] ?? null);
    if (made.every((hash, n) => hash === (stored[n] ?? null))) continue;
    changed.push(values);
    lost += made.filter((hash, n) => hash === null && (stored[n] ?? null) !== null).length;
  }
  return { changed, lost };
}

/** A row of `hashRowsText` in the order of `layoutOf(table)`. What MERGE does not read is null, or 0 where a file needs a value. */
function readRow(row: readonly unknown[], table: Table, place: ColumnIndex, sources: readonly string[]): Value[] {
  const layout = layoutOf(table);
  const values = new Array<Value>(layout.length).fill(null);
  const set = (name: string, value: unknown) => {
    const at = place(name);
    values[at] = toStaged(value, layout[at]?.type);
  };
  for (const [n, name] of table.key.entries()) set(name, row[n]);
  set('_part_on', row[table.key.length]);
  for (const [n, name] of sources.entries()) set(name, row[table.key.length + 1 + n]);
  for (const name of ['_first_seen_at', '_changed_at']) values[place(name)] = 0;
  values[place('_seq')] = 0n;
  values[place('_row')] = 0n;
  values[place('_op')] = 'rehash';
  return values;
}

/** A value of a query's result as staged files hold it. */
export function toStaged(value: unknown, type: string | undefined): Value {
  if (value === null || value === undefined) return null;
  if (type === 'bigint') return BigInt(value as number | bigint);
  if (type === 'date') return dayOf(Date.parse(`${String(value)}T00:00:00Z`));
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
