import type { DuckDBConnection } from '@duckdb/node-api';
import { InterruptedError, SqlError } from '../../functions/errors.ts';
import { batchesOf, type QueryBatches } from './result-value.ts';

/**
 * Runs a statement, and reads its rows as they are computed. The rows of a statement that fails on the way end as if there were no more, and
 * DuckDB's library has no function that says so; but the transaction is aborted then.
 * @throws what DuckDB throws; the batches throw it too, after the rows that came before
 */
export async function streamRows(
  connection: DuckDBConnection,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<QueryBatches> {
  await connection.run('BEGIN TRANSACTION');
  const { batches, ...rest } = batchesOf(await connection.stream(sql));
  const checked = async function* () {
    try {
      yield* batches;
      await connection.run('SELECT 1').catch(() => failAgain(connection, sql, signal));
    } finally {
      await endTransaction(connection);
    }
  };
  return { ...rest, batches: checked() };
}

/** Throws the error of a statement that has failed. It is run again, without its rows, because the error of the first time is lost. */
async function failAgain(connection: DuckDBConnection, sql: string, signal: AbortSignal | undefined): Promise<never> {
  if (signal?.aborted) throw new InterruptedError('interrupted before the statement ended');
  await endTransaction(connection);
  await connection.run(`EXPLAIN ANALYZE ${sql}`);
  throw new SqlError('the statement failed after some rows');
}

async function endTransaction(connection: DuckDBConnection): Promise<void> {
  // The statement itself may have ended it.
  await connection.run('ROLLBACK').catch(() => undefined);
}
