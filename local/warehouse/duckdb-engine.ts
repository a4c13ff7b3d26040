import type { Engine, QueryResult, StagedFile } from '../../functions/ports.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import type { Table } from '../../schemas/table.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { compactFile } from './compact-file.ts';
import { type DuckdbSession, duckdbSession } from './duckdb-session.ts';
import type { DuckdbSettings } from './open-duckdb.ts';
import { preparation } from './preparation.ts';
import { toResultValue } from './result-value.ts';
import { findDamagedFile, type PathOf, stagingView } from './staging-view.ts';

/** How to open a DuckDB warehouse, and what it reads. */
export interface DuckdbOptions extends DuckdbSettings {
  /** Absolute path of a stored object. */
  readonly pathOf: PathOf;
  readonly views: ViewSettings;
}

/** A DuckDB warehouse. Unlike Athena it can erase overwritten values from its file at once. */
export type DuckdbEngine = Engine & Required<Pick<Engine, 'eraseFreedBlocks'>>;

/** A staged file holds about 4 MB of values, and a MERGE needs about three times that: 32 files stay well below `memory_limit`. */
const FILES_PER_MERGE = 32;

/** The engine port on a DuckDB file. The first use opens the file, and waits while another program holds it. */
export function duckdbEngine(options: DuckdbOptions): DuckdbEngine {
  const session = duckdbSession(options);
  const staged = new Map<string, readonly StagedFile[]>();

  const runStaged = async (sql: string) => {
    try {
      return await session.run(sql);
    } catch (error) {
      // DuckDB does not always name the file that it failed to read.
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

/** A table of one row: the identity of the warehouse, and the hash of the statements that last prepared it. */
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
    // About a thousand statements: sent one by one they take twice as long.
    await session.run(statements.join(';\n'));
    await session.run(`UPDATE ${STATE} SET shape = '${hash}'`);
  });
}

async function query(sql: string, { run }: DuckdbSession): Promise<QueryResult> {
  const result = await run(sql);
  const rows = await result.getRows();
  return { columns: result.columnNames(), rows: rows.map((row) => row.map(toResultValue)) };
}
