import type { Engine } from '../../functions/ports.ts';
import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { createView } from '../../schemas/derive/view-sql.ts';
import type { Table } from '../../schemas/table.ts';
import type { View } from '../../schemas/views/view.ts';
import { askTrino, type TrinoResult } from '../helpers/trino.ts';
import { type AskTrino, copyToTrino } from './copy-to-trino.ts';

/** Iceberg tables in a folder, with Parquet files as Athena has them. */
const CATALOG = 'localice';
/** Each row is there so many times, so that the files of calls have megabytes. */
const TIMES = 500;

/** What a statement reads of one table, each time that its plan reads it. */
export interface Scan {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Asks in the catalog whose tables are files. */
export const askFiles = (url: string, sql: string): Promise<TrinoResult> =>
  askTrino(url, sql.replaceAll(/"callhouse"\./g, `${CATALOG}.callhouse.`), CATALOG);

/**
 * Makes files of the rows of a DuckDB warehouse: each row many times, with keys, hashes and times of its own, since columns of few
 * values have next to no bytes. Makes the views over them.
 */
export async function writeFiles(
  url: string,
  duckdb: Engine,
  tables: readonly Table[],
  views: readonly View[],
): Promise<void> {
  const askMemory: AskTrino = (sql) => askTrino(url, sql.replaceAll(/"(callhouse(?:_phi)?)"\./g, 'memory.once_$1.'));
  for (const database of [DATABASES.safe, DATABASES.phi])
    await askMemory(`CREATE SCHEMA IF NOT EXISTS memory.once_${database}`);
  await copyToTrino(duckdb, tables, askMemory);
  await askFiles(url, `CREATE SCHEMA IF NOT EXISTS ${CATALOG}.${DATABASES.safe}`);
  for (const { name } of [...views].reverse()) await askFiles(url, `DROP VIEW IF EXISTS "callhouse".${name}`);
  for (const table of databaseTablesOf(tables).filter(({ database }) => database === DATABASES.safe)) {
    const columns = table.columns.map((column) => `${ownValue(column)} AS "${column.name}"`);
    const rows = `memory.once_${DATABASES.safe}.${table.name} CROSS JOIN UNNEST(sequence(1, ${TIMES})) copies(n)`;
    await askFiles(url, `DROP TABLE IF EXISTS "callhouse".${table.name}`);
    await askFiles(url, `CREATE TABLE "callhouse".${table.name} AS SELECT ${columns.join(', ')} FROM ${rows}`);
  }
  for (const view of views) await askFiles(url, createView(view));
}

/** Ids of one length and hashes differ in each copy, and times by a second. */
function ownValue({ name, type }: DatabaseTable['columns'][number]): string {
  if (type === 'timestamp') return `"${name}" + INTERVAL '1' SECOND * n`;
  if (type === 'bigint' && name.endsWith('id')) return `"${name}" * ${TIMES} + n`;
  const isOwn = type === 'text' && (name === 'id' || name.endsWith('_hash') || name === 'call_id');
  return isOwn ? `lower(to_hex(sha256(to_utf8("${name}" || CAST(n AS varchar)))))` : `"${name}"`;
}

/** The tables that a statement reads, by its plan. */
export async function scansOf(url: string, sql: string): Promise<readonly Scan[]> {
  const { rows } = await askFiles(url, `EXPLAIN ${sql}`);
  const scans: { readonly table: string; readonly columns: string[] }[] = [];
  for (const line of String(rows[0]?.[0]).split('\n')) {
    const [, table] = new RegExp(`Scan\\w*\\[table = ${CATALOG}:${DATABASES.safe}\\.(\\w+)`).exec(line) ?? [];
    if (table !== undefined) scans.push({ table, columns: [] });
    // `name := 2:name:varchar`, below the scan.
    const [, column] = / := \d+:(\w+):/.exec(line) ?? [];
    if (column !== undefined) scans.at(-1)?.columns.push(column);
  }
  return scans;
}

/**
 * Columns of tables from which the columns of views are made that a question names, by table. A column of a view is made from what the
 * plan of a SELECT of that column alone reads.
 */
export async function namedColumns(
  url: string,
  question: string,
  views: readonly View[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const words = new Set(question.match(/\w+/g));
  const named = new Map<string, Set<string>>();
  for (const { name, columns } of views.filter((view) => words.has(view.name))) {
    for (const column of Object.keys(columns).filter((one) => words.has(one)))
      for (const scan of await madeFrom(url, `SELECT "${column}" FROM "callhouse".${name}`))
        named.set(scan.table, new Set([...(named.get(scan.table) ?? []), ...scan.columns]));
  }
  return named;
}

const plans = new Map<string, Promise<readonly Scan[]>>();

function madeFrom(url: string, sql: string): Promise<readonly Scan[]> {
  const plan = plans.get(sql) ?? scansOf(url, sql);
  plans.set(sql, plan);
  return plan;
}

const sizes = new Map<string, Promise<TrinoResult>>();

/** Bytes that Trino reads for all values of these columns of a table, and nothing else. */
export async function bytesOf(url: string, { table, columns }: Scan): Promise<number> {
  const greatest = [...new Set(columns)].sort().map((name) => `max("${name}")`);
  const sql = `SELECT ${greatest.join(', ') || 'count(*)'} FROM "callhouse".${table}`;
  const size = sizes.get(sql) ?? askFiles(url, sql);
  sizes.set(sql, size);
  return (await size).bytes;
}
