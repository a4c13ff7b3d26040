import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expandStored } from './expand-stored.ts';
import { readRows } from './read-parquet.ts';

/** Everything that a data directory holds as text, by place: each file decompressed or decoded, and each table of each DuckDB file. */
export async function readDataDirectory(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    const bytes = await readFile(path);
    texts.set(`name of ${name}`, name);
    texts.set(name, await decode(path, bytes));
    if (path.endsWith('.duckdb')) for (const [table, rows] of await dump(path)) texts.set(`${name} ${table}`, rows);
  }
  return texts;
}

/** The places that hold a text. */
export function placesWith(texts: ReadonlyMap<string, string>, text: string): readonly string[] {
  return [...texts].filter(([, content]) => content.includes(text)).map(([place]) => place);
}

async function decode(path: string, bytes: Buffer): Promise<string> {
  if (!path.endsWith('.parquet')) return expandStored(bytes).toString('utf8');
  const asText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return `${JSON.stringify(await readRows(bytes), asText)}\n${bytes.toString('latin1')}`;
}

async function dump(path: string): Promise<readonly (readonly [string, string])[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const read = async (sql: string) => (await (await connection.run(sql)).getRows()).flat().map(String);
  const tables = await read(
    `SELECT format('"{}"."{}"', table_schema, table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE'`,
  );
  const texts: [string, string][] = [];
  for (const table of tables)
    texts.push([table, (await read(`SELECT CAST(t AS VARCHAR) FROM ${table} AS t`)).join('\n')]);
  connection.closeSync();
  instance.closeSync();
  return texts;
}
