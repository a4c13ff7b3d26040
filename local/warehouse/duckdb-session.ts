import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { StorageError } from '../../functions/errors.ts';
import { asCallhouseError, isOutOfMemory } from './duckdb-errors.ts';
import { type DuckdbSettings, type OpenFile, openDuckdb } from './open-duckdb.ts';

/** A warehouse file that opens at its first use, and again at the first use after it was closed. */
export interface DuckdbSession {
  open(): Promise<OpenFile>;
  /** @throws SqlError, StorageError, WarehouseBusyError; no message quotes a value of the data */
  run(sql: string): Promise<DuckDBMaterializedResult>;
  /** Runs `work` in a transaction, and rolls it back if `work` throws. If memory runs out, `work` runs again with more. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work` again with more memory, as long as memory runs out and this machine has more. */
  withMemory<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Creates a session; the file is not opened yet. */
export function duckdbSession(settings: DuckdbSettings): DuckdbSession {
  let opening: Promise<OpenFile> | undefined;
  let inTransaction = false;

  async function open(): Promise<OpenFile> {
    opening ??= openDuckdb(settings);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  async function runOnce(sql: string): Promise<DuckDBMaterializedResult> {
    const { connection } = await open();
    try {
      return await connection.run(sql);
    } catch (error) {
      throw asCallhouseError(error, settings.path);
    }
  }

  async function withMemory<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isShort = error instanceof StorageError && isOutOfMemory(error.cause);
        // A statement that fails ends its transaction, which then runs again as one.
        if (!isShort || inTransaction || !(await (await open()).growMemory())) throw error;
      }
    }
  }

  async function runTransaction<T>(work: () => Promise<T>): Promise<T> {
    await runOnce('BEGIN TRANSACTION');
    inTransaction = true;
    try {
      const result = await work();
      await runOnce('COMMIT');
      return result;
    } catch (error) {
      await runOnce('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      inTransaction = false;
    }
  }

  async function close(): Promise<void> {
    const file = await opening?.catch(() => undefined);
    opening = undefined;
    file?.close();
  }

  return {
    open,
    run: (sql) => withMemory(() => runOnce(sql)),
    atomically: (work) => withMemory(() => runTransaction(work)),
    withMemory,
    close,
  };
}
