import type { Engine, QueryResult, StagedFile } from '../functions/ports.ts';
import { DATABASES } from '../schemas/derive/databases.ts';
import type { Table } from '../schemas/table.ts';
import type { ViewSettings } from '../schemas/views/view.ts';
import { compactFile } from './duckdb-compact.ts';
import type { DuckdbSettings } from './duckdb-open.ts';
import { preparation } from './duckdb-prepare.ts';
import { type DuckdbSession, duckdbSession } from './duckdb-session.ts';
import { findDamagedFile, type PathOf, stagingView } from './duckdb-stage.ts';
import { toResultValue } from './duckdb-values.ts';

/** What the warehouse on one machine needs to know. */
export interface DuckdbOptions extends DuckdbSettings {
  /** Absolute path of a stored object. */
  readonly pathOf: PathOf;
  readonly views: ViewSettings;
}

/** The warehouse on one machine; its file can be rewritten at once. */
export type DuckdbEngine = Engine & Required<Pick<Engine, 'eraseFreedBlocks'>>;

/** A staged file holds some 4 MB of values, and DuckDB's MERGE takes about three times that of memory: well below memory_limit. */
const FILES_PER_MERGE = 32;

/** The engine port on a DuckDB file, which is opened (and waited for) at the first use. */
export function duckdbEngine(options: DuckdbOptions): DuckdbEngine {
  const session = duckdbSession(options);
  const staged = new Map<string, readonly StagedFile[]>();

  const runStaged = async (sql: string) => {
    try {
      return await session.run(sql);
    } catch (error) {
      // Of a failed read DuckDB does not always name the file.
      throw (await findDamagedFile([...staged.values()].flat(), options.pathOf, await session.open())) ?? error;
    }
  };

  return {
    dialect: 'duckdb',
    filesPerMerge: FILES_PER_MERGE,
    identity: async () => (await readState(session)).id,
    prepare: (tables) => prepare(tables, options.views, session),
    atomically: session.atomically,
    stage: async (table, files) => {
      staged.set(table.name, files);
      await runStaged(stagingView(table, files, options.pathOf));
    },
    execute: async (sql) => ({ changed: (await runStaged(sql)).rowsChanged }),
    query: (sql) => query(sql, session),
    eraseFreedBlocks: async () => compactFile((await session.open()).connection, options.path, session.close),
    close: async () => {
      staged.clear();
      await session.close();
    },
  };
}

/** Holds one row: what the warehouse is, and the hash of the shape it was last given. */
const STATE = `"${DATABASES.staging}"."_warehouse"`;

async function readState({ run }: DuckdbSession): Promise<{ readonly id: string; readonly shape: string | null }> {
  await run(`CREATE SCHEMA IF NOT EXISTS "${DATABASES.staging}"`);
  await run(`CREATE TABLE IF NOT EXISTS ${STATE} (id VARCHAR NOT NULL, shape VARCHAR)`);
  await run(`INSERT INTO ${STATE} SELECT CAST(uuid() AS VARCHAR), NULL WHERE NOT EXISTS (SELECT 1 FROM ${STATE})`);
  const [row] = await (await run(`SELECT id, shape FROM ${STATE}`)).getRows();
  return { id: String(row?.[0]), shape: row?.[1] ? String(row[1]) : null };
}

async function prepare(tables: readonly Table[], views: ViewSettings, session: DuckdbSession): Promise<void> {
  const { statements, hash } = preparation(tables, views, DATABASES);
  if ((await readState(session)).shape === hash) return;
  await session.atomically(async () => {
    // A thousand statements: one after the other they take twice as long.
    await session.run(statements.join(';\n'));
    await session.run(`UPDATE ${STATE} SET shape = '${hash}'`);
  });
}

async function query(sql: string, { run }: DuckdbSession): Promise<QueryResult> {
  const result = await run(sql);
  const rows = await result.getRows();
  return { columns: result.columnNames(), rows: rows.map((row) => row.map(toResultValue)) };
}
