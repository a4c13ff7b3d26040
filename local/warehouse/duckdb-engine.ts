import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlError } from '../../functions/errors.ts';
import type { Engine, Log, StagedFile } from '../../functions/ports.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { compactFile, dropStagingViews } from './compact-file.ts';
import { asCallhouseError, asStorageError } from './duckdb-errors.ts';
import { type DuckdbSession, duckdbSession } from './duckdb-session.ts';
import { hideEarlierTexts } from './hide-earlier-texts.ts';
import type { DuckdbSettings } from './open-duckdb.ts';
import { type Preparation, preparation } from './preparation.ts';
import { batchesOf, collectRows, type QueryBatches } from './result-value.ts';
import { retypeColumns } from './retype-columns.ts';
import { findDamagedFile, type PathOf, stagingView } from './staging-view.ts';

/** How to open a DuckDB warehouse, and what it reads. */
export interface DuckdbOptions extends DuckdbSettings {
  /** Absolute path of a stored object. */
  readonly pathOf: PathOf;
  readonly views: ViewSettings;
  /** Called before rows change (`some`), and before overwritten values are erased from the file (`all`). */
  readonly onChange?: ((changed: 'some' | 'all') => Promise<void>) | undefined;
  /** Called once the tables and views are as declared. */
  readonly onPrepared?: (() => Promise<void>) | undefined;
  /** @default nothing is logged */
  readonly log?: Log | undefined;
}

/** A DuckDB warehouse. Unlike Athena it can erase overwritten values from its file at once. */
export interface DuckdbEngine extends Engine {
  eraseFreedBlocks(): Promise<void>;
  /** Like `query`. The rows are in the memory of DuckDB, a fifth of their size here, and are read from there also after `close`. */
  ask(sql: string): Promise<QueryBatches>;
  /**
   * Lends a connection of its own, and the name under which the file is attached. If memory runs out, `work` runs again with more.
   * @throws what `work` throws; StorageError
   */
  borrow<T>(work: (connection: DuckDBConnection, name: string) => Promise<T>): Promise<T>;
}

/** A staged file holds about 4 MB of values, and a MERGE needs about three times that: 8 files stay well below `memory_limit`. */
const FILES_PER_MERGE = 8;

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
    prepare: async (tables) => {
      await prepare(tables, options, session);
      await options.onPrepared?.();
    },
    atomically: session.atomically,
    stage: async (table, files) => {
      staged.set(table.name, files);
      await runStaged(stagingView(table, files, options.pathOf));
    },
    execute: async (sql) => {
      // Once the file is held, nobody else can publish it.
      await session.open();
      await options.onChange?.('some');
      return { changed: (await runStaged(sql)).rowsChanged };
    },
    ask: async (sql) => batchesOf(await runStaged(sql)),
    query: async (sql) => collectRows(batchesOf(await runStaged(sql))),
    eraseFreedBlocks: async () => {
      const { connection, path } = await session.open();
      await options.onChange?.('all');
      await session.withMemory(() => compactFile(connection, path, session.close));
    },
    borrow: (work) => session.withMemory(() => borrow(work, options.path, session)),
    close: async () => {
      try {
        if (staged.size > 0) await dropStagingViews((await session.open()).connection);
      } catch (error) {
        throw asCallhouseError(error, options.path);
      } finally {
        staged.clear();
        await session.close();
      }
    },
  };
}

async function borrow<T>(
  work: (connection: DuckDBConnection, name: string) => Promise<T>,
  path: string,
  session: DuckdbSession,
): Promise<T> {
  const connection = await (await session.open()).connect();
  try {
    const [name] = (await (await connection.run('SELECT current_database()')).getRows())[0] ?? [];
    return await work(connection, String(name));
  } catch (error) {
    throw asStorageError(error, path) ?? error;
  } finally {
    connection.closeSync();
  }
}

/**
 * A table of one row: the identity of the warehouse, the hash of the statements that last prepared it, and whether `callhouse` holds no
 * text but those that fit; warehouses of earlier versions do not say so.
 */
const STATE = `"${DATABASES.staging}"."_warehouse"`;

interface WarehouseState {
  readonly id: string;
  readonly shape: string | null;
  readonly hidesTexts: boolean;
}

async function readState({ run }: DuckdbSession): Promise<WarehouseState> {
  await run(`CREATE SCHEMA IF NOT EXISTS "${DATABASES.staging}"`);
  await run(`CREATE TABLE IF NOT EXISTS ${STATE} (id VARCHAR NOT NULL, shape VARCHAR)`);
  await run(`ALTER TABLE ${STATE} ADD COLUMN IF NOT EXISTS hides_texts BOOLEAN`);
  await run(`INSERT INTO ${STATE} (id) SELECT CAST(uuid() AS VARCHAR) WHERE NOT EXISTS (SELECT 1 FROM ${STATE})`);
  const [row] = await (await run(`SELECT id, shape, hides_texts FROM ${STATE}`)).getRows();
  return { id: String(row?.[0]), shape: row?.[1] ? String(row[1]) : null, hidesTexts: row?.[2] === true };
}

async function prepare(tables: readonly Table[], { views, log }: DuckdbOptions, session: DuckdbSession): Promise<void> {
  const wanted = preparation(tables, views, DATABASES);
  const taken = await tablesInPlaceOfViews(wanted, session);
  for (const name of taken)
    log?.(
      'warn',
      `${name} is a table that Callhouse did not create; the view of this name is left out until you rename the table`,
    );
  const shape = [wanted.hash, ...taken].join(' ');
  const state = await readState(session);
  if (!state.hidesTexts) {
    await hideEarlierTexts(tables, session);
    await session.run(`UPDATE ${STATE} SET hides_texts = true`);
  }
  if (state.shape === shape) return;
  const retyped = await session.atomically(() => retypeColumns(tables, session));
  for (const name of retyped)
    log?.('warn', `${name} has another type than before; values that do not fit it are null until callhouse replay`);
  await session.atomically(async () => {
    // About a thousand statements: sent one by one they take twice as long.
    await session.run(wanted.tables.join(';\n'));
    if (taken.length === 0) await session.run(wanted.views.flatMap(({ statements }) => statements).join(';\n'));
  });
  if (taken.length > 0) await createOtherViews(wanted, taken, session, log);
  await session.run(`UPDATE ${STATE} SET shape = ${quoteText(shape)}`);
}

/** Names of tables that somebody created where a view belongs. They are left alone. */
async function tablesInPlaceOfViews({ views }: Preparation, { run }: DuckdbSession): Promise<readonly string[]> {
  const result = await run('SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1, 2');
  const names = new Set(views.map(({ name }) => name));
  return (await result.getRows()).map(([schema, table]) => `${schema}.${table}`).filter((name) => names.has(name));
}

/** Creates the views that can be created without those that are left out. */
async function createOtherViews({ views }: Preparation, taken: readonly string[], session: DuckdbSession, log?: Log) {
  for (const { name, statements } of views) {
    if (taken.includes(name)) continue;
    try {
      await session.atomically(() => session.run(statements.join(';\n')));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      log?.('warn', `view ${name} is left out too, because it reads ${taken.join(' or ')}`);
    }
  }
}
