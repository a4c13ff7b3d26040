import { readdir } from 'node:fs/promises';
import { isJsonObject } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';
import { checkTable } from './check-table.ts';
import type { StoredSource } from './source.ts';

/** What is known besides the declaration. */
interface KnownTables {
  /** Tables that have a file of their own. */
  readonly tables: readonly Table[];
  /** Sources of the tables that are in use, by table. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * The tables of a source whose declaration is wrong, by stream: those that it declares and, in case its file cannot be loaded, those that
 * have a file of their own. A table that is declared wrongly is left out, because views of it would fail.
 */
export function storedStreams(name: string, declared: unknown, known: KnownTables): StoredSource['streams'] {
  const given = isJsonObject(declared) && isJsonObject(declared['streams']) ? Object.entries(declared['streams']) : [];
  const named = given.flatMap(([stream, one]) => listedIn(one).map((table) => ({ stream, table })));
  const own = known.tables.filter((table) => table.source === name);
  const others = own.map((table) => ({ stream: streamOf(table, name), table }));
  const all = [...new Map([...others, ...named].map((one) => [one.table.name, one])).values()];
  const tables = all.map(({ table }) => table);
  const sound = all.filter(
    ({ stream, table }) => !known.owners.has(table.name) && isSound(table, name, stream, tables),
  );
  const streams: Record<string, [Table, ...Table[]]> = {};
  for (const { stream, table } of sound) {
    const before = streams[stream];
    if (before) before.push(table);
    else streams[stream] = [table];
  }
  return Object.fromEntries(Object.entries(streams).map(([stream, list]) => [stream, { tables: list }]));
}

function listedIn(stream: unknown): readonly Table[] {
  const tables = isJsonObject(stream) ? stream['tables'] : undefined;
  return Array.isArray(tables) ? tables.filter((table) => isJsonObject(table) && isJsonObject(table['columns'])) : [];
}

function streamOf(table: Table, source: string): string {
  return table.calls ? 'calls' : table.name.slice(source.length + 1);
}

function isSound(table: Table, source: string, stream: string, details: readonly Table[]): boolean {
  try {
    return [...checkTable(table, source, stream, details)].length === 0;
  } catch {
    // Its parts are not what a table has.
    return false;
  }
}

/** The tables that files of a folder export; none in a bundle, which has no such folder. */
export async function declaredTables(folder: URL): Promise<readonly Table[]> {
  const files = (await readdir(folder).catch(() => [])).filter(
    (file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'),
  );
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href).catch(() => ({}))));
  return modules.flatMap((module: object) => Object.values(module).filter(isTable));
}

function isTable(value: unknown): value is Table {
  return isJsonObject(value) && typeof value['name'] === 'string' && isJsonObject(value['columns']);
}
