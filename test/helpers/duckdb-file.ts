import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Lends a connection to a DuckDB file, as any other program would open it. */
export async function inDuckdbFile<T>(
  path: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  access: 'READ_ONLY' | 'READ_WRITE' = 'READ_ONLY',
): Promise<T> {
  const instance = await DuckDBInstance.create(path, { access_mode: access });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows of a query as text, one line each. */
export async function linesOf(connection: DuckDBConnection, sql: string): Promise<string[]> {
  const rows = await (await connection.run(sql)).getRows();
  return rows.map((row) => row.map(String).join('|'));
}

/** Rows of a query on a file. */
export async function linesIn(path: string, sql: string): Promise<string[]> {
  return inDuckdbFile(path, (connection) => linesOf(connection, sql));
}

/** Changes a file, as a person with a DuckDB client might. */
export async function changeFile(path: string, sql: string): Promise<void> {
  await inDuckdbFile(path, (connection) => connection.run(sql), 'READ_WRITE');
}
