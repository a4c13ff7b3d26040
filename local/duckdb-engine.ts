import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import type { Engine, StagedFile } from '../functions/ports.ts';
import { DATABASES } from '../schemas/derive/databases.ts';
import type { ViewSettings } from '../schemas/views/view.ts';
import { compactFile } from './duckdb-compact.ts';
import { asCallhouseError } from './duckdb-errors.ts';
import { type DuckdbSettings, type OpenFile, openDuckdb } from './duckdb-open.ts';
import { preparation } from './duckdb-prepare.ts';
import { findDamagedFile, type PathOf, stagingView } from './duckdb-stage.ts';
import { toResultValue } from './duckdb-values.ts';

/** What the warehouse on one machine needs to know. */
export interface DuckdbOptions extends DuckdbSettings {
  /** Absolute path of a stored object. */
  readonly pathOf: PathOf;
  readonly views: ViewSettings;
}

/** The warehouse on one machine. */
export interface DuckdbEngine extends Engine {
  /** Rewrites the file, so that no block of it holds a value that was overwritten. */
  compact(): Promise<void>;
}

const STATE = `"${DATABASES.staging}"."_warehouse"`;

/** The engine port on a DuckDB file, which is opened (and waited for) at the first use. */
export function duckdbEngine(options: DuckdbOptions): DuckdbEngine {
  let opening: Promise<OpenFile> | undefined;
  const staged = new Map<string, readonly StagedFile[]>();

  async function openFile(): Promise<OpenFile> {
    opening ??= openDuckdb(options);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function run(sql: string): Promise<DuckDBMaterializedResult> {
    const { connection } = await openFile();
    try {
      return await connection.run(sql);
    } catch (error) {
      throw asCallhouseError(error, options.path);
    }
  }

  async function runStaged(sql: string): Promise<DuckDBMaterializedResult> {
    try {
      return await run(sql);
    } catch (error) {
      // Of a failed read DuckDB does not always name the file.
      throw (await findDamagedFile([...staged.values()].flat(), options.pathOf, await openFile())) ?? error;
    }
  }

  async function atomically<T>(work: () => Promise<T>): Promise<T> {
    await run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await run('COMMIT');
      return result;
    } catch (error) {
      await run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async function readState(): Promise<{ readonly id: string; readonly shape: string | null }> {
    await run(`CREATE SCHEMA IF NOT EXISTS "${DATABASES.staging}"`);
    await run(`CREATE TABLE IF NOT EXISTS ${STATE} (id VARCHAR NOT NULL, shape VARCHAR)`);
    await run(`INSERT INTO ${STATE} SELECT CAST(uuid() AS VARCHAR), NULL WHERE NOT EXISTS (SELECT 1 FROM ${STATE})`);
    const [row] = await (await run(`SELECT id, shape FROM ${STATE}`)).getRows();
    return { id: String(row?.[0]), shape: row?.[1] ? String(row[1]) : null };
  }

  async function close(): Promise<void> {
    const file = await opening?.catch(() => undefined);
    opening = undefined;
    staged.clear();
    file?.close();
  }

  return {
    dialect: 'duckdb',
    identity: async () => (await readState()).id,
    prepare: async (tables) => {
      const { statements, hash } = preparation(tables, options.views, DATABASES);
      if ((await readState()).shape === hash) return;
      await atomically(async () => {
        for (const sql of statements) await run(sql);
        await run(`UPDATE ${STATE} SET shape = '${hash}'`);
      });
    },
    atomically,
    stage: async (table, files) => {
      staged.set(table.name, files);
      await runStaged(stagingView(table, files, options.pathOf));
    },
    execute: async (sql) => ({ changed: (await runStaged(sql)).rowsChanged }),
    query: async (sql) => {
      const result = await run(sql);
      const rows = await result.getRows();
      return { columns: result.columnNames(), rows: rows.map((row) => row.map(toResultValue)) };
    },
    compact: async () => compactFile((await openFile()).connection, options.path, close),
    close,
  };
}
