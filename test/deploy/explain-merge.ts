import { databasesOf } from '../../schemas/derive/databases.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import { columnsIn, layoutOf, type PlacedColumn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import { askTrino } from '../helpers/trino.ts';
import { everyTable } from './compare.ts';
import { expect } from './report.ts';
import type { RunState } from './run-state.ts';

/** Columns of the target that the statement names, and so must read. */
const NAMED = ['account', 'id', '_part_on', '_first_seen_at', '_seq'];
/**
 * What the MERGE reads of the target may be so many times what a query of these columns reads, by Trino's count of both, footers included;
 * and, without footers, so many times what the columns have in the files, by the count of their writer.
 */
const MOST = 1.2;
/** So many bytes at the end of each file are read for its footer, whatever the columns. */
const FOOTER_BYTES = 48 * 1024;
const ROWS = 15_000;
const CHANGED = 75;
/** Tables in a folder, which need no stand-in for AWS. */
const CATALOG = 'localice';
const DATABASES = databasesOf('explained');
const TYPES = {
  ...{ text: 'varchar', json: 'varchar', bigint: 'bigint', double: 'double', boolean: 'boolean', date: 'date' },
  ...{ timestamp: 'timestamp(6)', decimal: 'decimal(18,6)', doubles: 'array(double)' },
} as const;

/** Units of bytes in a plan. */
const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2 };

/** Runs a statement. @returns its rows */
type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/**
 * An hourly MERGE, as Trino explains it while it runs it: 75 changed rows into the health data of a month of 15,000, where each has a
 * kilobyte of text. A statement that reads the text costs 20 times as much.
 */
export async function explainMerge({ report, engines }: Pick<RunState, 'report' | 'engines'>): Promise<void> {
  const url = `http://127.0.0.1:${engines.trinoPort}`;
  const ask: Ask = async (sql) => (await askTrino(url, sql, CATALOG)).rows;
  await report.check(`a MERGE of ${CHANGED} rows into a month of ${ROWS} reads the columns that it names`, async () => {
    const table = (await everyTable()).find(({ name }) => name === 'solum_calls');
    expect(table !== undefined, 'there is no table solum_calls');
    await fill(table, ask);
    const stored = await storedBytes(ask);
    const query = await readOf(NAMED, ask);
    const [[plan] = []] = await ask(`EXPLAIN ANALYZE ${mergeOf(table)}`);
    const { bytes, columns } = scanOf(String(plan));
    expect([...columns.keys()].sort().join() === NAMED.toSorted().join(), `it reads ${[...columns.keys()].join(', ')}`);
    const named = [...columns.values()].reduce((sum, id) => sum + (stored.columns.get(id) ?? 0), 0);
    const all = [...stored.columns.values()].reduce((sum, size) => sum + size, 0);
    const footers = stored.files * FOOTER_BYTES;
    expect(bytes <= MOST * query, `it reads ${bytes} bytes; a query of ${NAMED.join(', ')} reads ${query}`);
    expect(
      bytes - footers <= MOST * named,
      `it reads ${bytes} bytes, ${footers} of them for footers; the columns have ${named}`,
    );
    const [[changed] = []] = await ask(`SELECT count(*) FROM ${DATABASES.phi}.solum_calls WHERE _seq = 2`);
    expect(Number(changed) === CHANGED, `it changed ${changed} rows`);
    return [
      `${kilobytes(bytes)}, ${times(bytes, query)} times what a query of these columns reads`,
      `without footers (${kilobytes(footers)}) ${times(bytes - footers, named)} times what they have in the files (${kilobytes(named)})`,
      `all columns have ${kilobytes(all)}`,
    ].join('; ');
  });
}

function times(bytes: number, base: number): string {
  return (bytes / base).toFixed(2);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} kB`;
}

/** The target with its month, and the staged rows, as the engines see them. */
async function fill(table: Table, ask: Ask): Promise<void> {
  for (const name of [DATABASES.phi, DATABASES.staging]) await ask(`CREATE SCHEMA IF NOT EXISTS ${name}`);
  const columns = columnsIn(table, 'phi');
  const target = `${DATABASES.phi}.solum_calls`;
  const defined = columns.map(({ name, type }) => `"${name}" ${TYPES[type]}`);
  const partitions = "ARRAY['account', 'month(_part_on)']";
  await ask(`CREATE TABLE ${target} (${defined.join(', ')}) WITH (partitioning = ${partitions})`);
  const blocks = 'UNNEST(sequence(0, 2)) b(block), UNNEST(sequence(1, 5000)) n(n)';
  await ask(`INSERT INTO ${target} SELECT ${columns.map(literalOf).join(', ')} FROM ${blocks}`);
  const staged = layoutOf(table).map((column) => `${literalOf(column)} AS "${column.name}"`);
  const folders = "'default' AS acct, '2026-06-30' AS day";
  const few = `(VALUES 0) b(block), UNNEST(sequence(100, ${99 + CHANGED})) n(n)`;
  await ask(`CREATE TABLE ${DATABASES.staging}.solum_calls AS SELECT ${staged.join(', ')}, ${folders} FROM ${few}`);
  await ask(`UPDATE ${DATABASES.staging}.solum_calls SET _seq = 2, _load_id = 'second'`);
}

/** A value as a month has it: ids are UUIDs, texts differ in each row, and each quarter of an hour brings some new rows. */
function literalOf({ name, type }: PlacedColumn): string {
  const row = 'block * 5000 + n';
  const text = `to_hex(sha512(to_utf8(CAST(${row} AS varchar) || '${name}')))`;
  const known: Readonly<Record<string, string>> = {
    account: "'default'",
    id: `lower(substr(${text}, 1, 8) || '-' || substr(${text}, 9, 4) || '-' || substr(${text}, 13, 4) || '-' || substr(${text}, 17, 12))`,
    _part_on: `DATE '2026-06-01' + INTERVAL '1' DAY * ((${row}) / 501)`,
    _seq: '1',
    _load_id: "'first'",
    _op: "'upsert'",
  };
  if (known[name] !== undefined) return `CAST(${known[name]} AS ${TYPES[type]})`;
  if (name === '_deleted_at') return `CAST(NULL AS ${TYPES[type]})`;
  if (type === 'timestamp')
    return `TIMESTAMP '2026-06-01 00:00:00' + INTERVAL '15' MINUTE * ((${row}) * 2880 / ${ROWS})`;
  if (type === 'text' || type === 'json')
    return [0, 1].map((part) => text.replace("'))))", `${part}'))))`)).join(' || ');
  return `CAST(NULL AS ${TYPES[type]})`;
}

function mergeOf(table: Table): string {
  const scope = { account: 'default', loadIds: ['second'], days: ['2026-06-30'], removals: false };
  return mergeText(table, 'phi', { ...scope, partFrom: '2026-06-01', partTo: '2026-06-30' }, DATABASES);
}

/** The files of the target: how many there are, and the bytes of each column by its field id, as their writer counted them. */
async function storedBytes(
  ask: Ask,
): Promise<{ readonly files: number; readonly columns: ReadonlyMap<number, number> }> {
  const files = `${DATABASES.phi}."solum_calls$files"`;
  const [[count] = []] = await ask(`SELECT count(*) FROM ${files}`);
  const sql = `SELECT id, sum(size) FROM ${files} CROSS JOIN UNNEST(column_sizes) s(id, size) GROUP BY id`;
  const columns = new Map((await ask(sql)).map(([id, size]) => [Number(id), Number(size)]));
  return { files: Number(count), columns };
}

/** What a query reads that needs these columns of every row, and nothing else. */
async function readOf(columns: readonly string[], ask: Ask): Promise<number> {
  const greatest = columns.map((name) => `max("${name}")`).join(', ');
  const [[plan] = []] = await ask(`EXPLAIN ANALYZE SELECT ${greatest} FROM ${DATABASES.phi}.solum_calls`);
  return scanOf(String(plan)).bytes;
}

/** What the scan of the target read, by the plan, which has a paragraph for each fragment; its columns with their field ids. */
function scanOf(plan: string): { readonly bytes: number; readonly columns: ReadonlyMap<string, number> } {
  const scan = plan
    .split(/\n\n/)
    .find((part) => new RegExp(`Scan\\w*\\[table = ${CATALOG}:${DATABASES.phi}\\.`).test(part));
  const [, size = '', unit = 'B'] = /Physical input: ([\d.]+)(k?M?B)/.exec(scan ?? '') ?? [];
  // `name := 2:id:varchar`; the row's own address has a negative number.
  const columns = [...(scan ?? '').matchAll(/ := (\d+):(\w+):/g)].map(
    ([, id, name = '']) => [name, Number(id)] as const,
  );
  return { bytes: Number(size) * (UNITS[unit] ?? 1), columns: new Map(columns) };
}
