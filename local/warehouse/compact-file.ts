import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { syncPath } from '../lake/sync-path.ts';
import { asCallhouseError } from './duckdb-errors.ts';
import { compactCopyOf } from './open-duckdb.ts';

/**
 * Replaces the file by a fresh copy, which has no freed blocks and so no overwritten values.
 * If the process is killed before the swap, the old file stays intact, and the next open removes the unfinished copy.
 */
export async function compactFile(
  connection: DuckDBConnection,
  path: string,
  close: () => Promise<void>,
): Promise<void> {
  const copy = compactCopyOf(path);
  await removeCopy(copy);
  try {
    await dropStagingViews(connection);
    const [name] = (await (await connection.run('SELECT current_database()')).getRows())[0] ?? [];
    await connection.run(`ATTACH ${quoteText(copy)} AS compacted`);
    await connection.run(`COPY FROM DATABASE ${quoteName(String(name))} TO compacted`);
    await connection.run('DETACH compacted');
    await connection.run('CHECKPOINT');
  } catch (error) {
    // Else the next try could not attach it.
    await connection.run('DETACH DATABASE IF EXISTS compacted').catch(() => undefined);
    await removeCopy(copy);
    throw asCallhouseError(error, path);
  }
  await syncPath(copy);
  await close();
  await rename(copy, path);
  await syncPath(dirname(path));
}

/** Drops the views that read staged files. They show all columns under absolute paths, and the files may no longer exist. */
export async function dropStagingViews(connection: DuckDBConnection): Promise<void> {
  const schema = DATABASES.staging;
  const views = await connection.run(`SELECT view_name FROM duckdb_views() WHERE schema_name = ${quoteText(schema)}`);
  for (const [name] of await views.getRows())
    await connection.run(`DROP VIEW ${quoteName(schema)}.${quoteName(String(name))}`);
}

async function removeCopy(copy: string): Promise<void> {
  await rm(copy, { force: true });
  await rm(`${copy}.wal`, { force: true });
}
