import { copyFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../../../functions/errors.ts';
import { databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { quoteName } from '../../../schemas/derive/sql-text.ts';
import { folderError, refuseNoFile, removeHalf } from '../../lake/folder-error.ts';
import { makeFolder } from '../../lake/make-folder.ts';
import { giveToGroup } from '../../publish/file-access.ts';
import { heldColumnsIn, selectHeldColumns } from '../../publish/held-columns.ts';
import { halfOf, logOf, removeLeftovers, writeCopy } from '../../publish/write-copy.ts';
import { preparation } from '../../warehouse/preparation.ts';
import type { ExportRequest } from './export-files.ts';

const EXPECTED = 'a file such as calls.duckdb, or --format parquet or csv';

/** Copies the published file. @returns the number of files written @throws StorageError */
export async function exportSafeFile(copy: string, { path, group }: ExportRequest): Promise<number> {
  await refuseNoFile(path, EXPECTED);
  const temporary = halfOf(path);
  try {
    await makeFolder(dirname(path));
    await removeLeftovers(dirname(path), basename(path));
    await copyFile(copy, temporary);
    await giveToGroup(temporary, group);
    await removeHalf(logOf(path));
    await rename(temporary, path);
  } catch (error) {
    throw folderError(dirname(path), 'write', error);
  } finally {
    await removeHalf(temporary);
  }
  return 1;
}

/** Writes `callhouse`, `callhouse_phi` and the views of `main` to a new file. @returns the number of files written */
export async function exportPhiFile(
  connection: DuckDBConnection,
  source: string,
  { path, tables, views }: ExportRequest,
): Promise<number> {
  await refuseNoFile(path, EXPECTED);
  const name = basename(path).replace(/\.[^.]*$/, '');
  if (Object.values(DATABASES).includes(name))
    throw new ConfigError(
      `${basename(path)} would be ambiguous, because DuckDB calls a database by its file's name, and it has a schema ${name}; expected another name`,
    );
  const wanted = preparation(tables, views, DATABASES);
  await writeCopy(connection, { path, keepsEarlier: false }, async () => {
    await connection.run('USE published');
    await connection.run([...wanted.tables, ...wanted.views.flatMap(({ statements }) => statements)].join(';\n'));
    const held = await heldColumnsIn(connection, source);
    for (const table of databaseTablesOf(tables)) {
      const rows = selectHeldColumns(table, source, held);
      if (!rows) continue;
      const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
      const qualified = `${quoteName(table.database)}.${quoteName(table.name)}`;
      await connection.run(`INSERT INTO ${qualified} (${columns}) ${rows}`);
    }
    await connection.run(`DROP SCHEMA ${quoteName(DATABASES.staging)}`);
  });
  return 1;
}
