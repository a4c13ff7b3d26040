import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { asCallhouseError } from './duckdb-errors.ts';
import { type DuckdbSettings, type OpenFile, openDuckdb } from './open-duckdb.ts';

/** A warehouse file that opens at its first use, and again at the first use after it was closed. */
export interface DuckdbSession {
  open(): Promise<OpenFile>;
  /** @throws SqlError, StorageError, WarehouseBusyError; no message quotes a value of the data */
  run(sql: string): Promise<DuckDBMaterializedResult>;
  /** Runs `work` in a transaction, and rolls it back if `work` throws. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Creates a session; the file is not opened yet. */
export function duckdbSession(settings: DuckdbSettings): DuckdbSession {
  let opening: Promise<OpenFile> | undefined;

  async function open(): Promise<OpenFile> {
    opening ??= openDuckdb(settings);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function run(sql: string): Promise<DuckDBMaterializedResult> {
    const { connection } = await open();
    try {
      return await connection.run(sql);
    } catch (error) {
      throw asCallhouseError(error, settings.path);
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

  async function close(): Promise<void> {
    const file = await opening?.catch(() => undefined);
    opening = undefined;
    file?.close();
  }

  return { open, run, atomically, close };
}
