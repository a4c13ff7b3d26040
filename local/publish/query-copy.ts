import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryResult } from '../../functions/ports.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import { duckdb } from '../warehouse/duckdb.ts';
import { asCallhouseError } from '../warehouse/duckdb-errors.ts';
import { forbidOtherFiles, interruptedBy, spillFolderBeside } from '../warehouse/open-duckdb.ts';
import { collectRows, type QueryBatches } from '../warehouse/result-value.ts';
import { streamRows } from '../warehouse/stream-rows.ts';

const OPTIONS = {
  memory_limit: '1GB',
  threads: '2',
  autoload_known_extensions: 'false',
  autoinstall_known_extensions: 'false',
};

/**
 * Runs one statement on a published copy, which nothing can change.
 * @param use is given the rows while the statement runs
 * @throws SqlError, StorageError, InterruptedError, also after some rows; no message quotes a value
 */
export async function streamCopy<T>(
  path: string,
  sql: string,
  use: (result: QueryBatches) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const ask = async (connection: DuckDBConnection): Promise<T> => {
    await attachCopy(connection, path);
    await forbidOtherFiles(connection);
    return use(await streamRows(connection, sql, signal));
  };
  return inMemory(path, ask, signal);
}

/** Like `streamCopy`, with all rows at once. */
export function queryCopy(path: string, sql: string, signal?: AbortSignal): Promise<QueryResult> {
  return streamCopy(path, sql, collectRows, signal);
}

/** The name under which a published copy is attached. */
export const COPY = 'callhouse';

/** Attaches a published copy under a name by which `callhouse.calls` is found, whatever the file is called. */
export async function attachCopy(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run(`ATTACH ${quoteText(path)} AS ${COPY} (READ_ONLY)`);
  await connection.run(`USE ${COPY}`);
}

/**
 * Lends a connection to an empty database in memory, to which files can be attached. What does not fit into memory is written beside the
 * file, and the next run removes what a killed process left there. DuckDB's default is the folder of the caller.
 * @param path file that is attached, and that errors name
 * @param signal interrupts the statement that runs
 */
export async function inMemory<T>(
  path: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const spilled = spillFolderBeside(path);
  const instance = await duckdb.DuckDBInstance.create(':memory:', { ...OPTIONS, temp_directory: spilled });
  const connection = await instance.connect();
  const heed = interruptedBy(signal, connection);
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await work(connection);
  } catch (error) {
    throw asCallhouseError(error, path);
  } finally {
    heed.end();
    connection.closeSync();
    instance.closeSync();
    await rm(spilled, { recursive: true, force: true });
  }
}
