import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expandStored } from './expand-stored.ts';

/** A data directory, place by place, as text. */
export interface Everything {
  /** Every cell of the tables and views of schema `callhouse`, of `main`, and of `callhouse_phi`. */
  readonly safe: string;
  readonly main: string;
  readonly phi: string;
  /** Every cell of the published copy, and its bytes. */
  readonly copy: string;
  readonly copyBytes: string;
  readonly staged: string;
  readonly raw: string;
  readonly report: string;
  /** All files but the warehouse, the copy, the report, staged files and raw copies. */
  readonly state: string;
  /** Paths of all files. */
  readonly names: string;
}

/** Reads every place of a data directory whose copy is current. */
export async function readEverything(data: string): Promise<Everything> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => relative(data, file));
  const at = (place: RegExp) => textOf(files.filter((file) => place.test(relative(data, file))));
  return {
    ...(await readDatabases(
      data,
      files.filter((file) => file.endsWith('.parquet')),
    )),
    raw: await at(/^lake\/raw\//),
    report: await at(/^report\.html$/),
    state: await at(/^(?!warehouse\.duckdb|bi\/|report\.html$|lake\/raw\/|lake\/staging\/)/),
    names: names.join('\n'),
  };
}

async function textOf(files: readonly string[]): Promise<string> {
  const texts = files.map(async (file) => expandStored(await readFile(file)).toString('utf8'));
  return (await Promise.all(texts)).join('\n');
}

async function readDatabases(data: string, staged: readonly string[]) {
  const instance = await DuckDBInstance.create(join(data, 'warehouse.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const copy = join(data, 'bi', 'callhouse.duckdb');
  await connection.run(`ATTACH '${copy}' AS copy (READ_ONLY)`);
  const column = async (sql: string) => (await (await connection.run(sql)).getRows()).flat();
  const dump = async (from: string) => (await column(`SELECT CAST(t AS VARCHAR) FROM ${from} AS t`)).join('\n');
  const schema = async (name: string, database = 'warehouse') => {
    const sql = `SELECT table_name FROM information_schema.tables WHERE table_schema = '${name}' AND table_catalog = '${database}'`;
    const texts: string[] = [];
    for (const table of await column(sql)) texts.push(await dump(`"${database}"."${name}"."${String(table)}"`));
    return texts.join('\n');
  };
  const read = {
    safe: await schema('callhouse'),
    main: await schema('main'),
    phi: await schema('callhouse_phi'),
    copy: await schema('main', 'copy'),
    copyBytes: (await readFile(copy)).toString('latin1'),
    staged:
      staged.length === 0
        ? ''
        : await dump(`read_parquet([${staged.map((file) => `'${file}'`).join()}], union_by_name = true)`),
  };
  connection.closeSync();
  instance.closeSync();
  return read;
}
