import type { DuckDBConnection } from '@duckdb/node-api';
import { StorageError } from '../../functions/errors.ts';
import type { StagedFile } from '../../functions/ports.ts';
import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { DUCKDB_STAGING_TYPES } from '../../schemas/derive/sql-types.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import { isOutOfMemory } from './duckdb-errors.ts';
import type { OpenFile } from './open-duckdb.ts';

/** Finds the absolute path of a stored object. */
export type PathOf = (key: string) => string;

/** Statement that makes `callhouse_staging.<table>` show the rows of these files; a column a file lacks is null. */
export function stagingView(
  table: Table,
  files: readonly StagedFile[],
  pathOf: PathOf,
  databases: Databases = DATABASES,
): string {
  const columns = layoutOf(table).map(
    ({ name, type }) => `CAST(NULL AS ${DUCKDB_STAGING_TYPES[type]}) AS ${quoteName(name)}`,
  );
  const rows = files.length > 0 ? [fileRows(files.map((file) => pathOf(file.key))), 'UNION ALL BY NAME'] : [];
  return [
    `CREATE OR REPLACE VIEW ${quoteName(databases.staging)}.${quoteName(table.name)} AS`,
    ...rows,
    `SELECT ${columns.join(', ')}, CAST(NULL AS VARCHAR) AS acct, CAST(NULL AS VARCHAR) AS day WHERE false`,
  ].join('\n');
}

/** The folders `acct=` and `day=` as columns; taken from the path's end, since the data directory may lie under folders of such names. */
function fileRows(paths: readonly string[]): string {
  const folder = (name: string, rest: string) =>
    `regexp_extract(filename, ${quoteText(`${name}=([^/\\\\]*)${rest}$`)}, 1) AS ${name}`;
  const inFolder = String.raw`[/\\][^/\\]*`;
  const options = 'union_by_name = true, hive_partitioning = false, filename = true';
  return [
    `SELECT *, ${folder('acct', inFolder + inFolder)}, ${folder('day', inFolder)}`,
    `FROM read_parquet([${paths.map(quotePath).join(', ')}], ${options})`,
  ].join('\n');
}

/** The first of the files that cannot be read from end to end, as an error that names it. */
export async function findDamagedFile(
  files: readonly StagedFile[],
  pathOf: PathOf,
  warehouse: OpenFile,
): Promise<StorageError | undefined> {
  const connection = await warehouse.connect();
  try {
    for (const { key } of files) {
      const rows = `read_parquet([${quotePath(pathOf(key))}], hive_partitioning = false)`;
      if (await isUnreadable(connection, `SELECT count(COLUMNS(*)) FROM ${rows}`)) {
        const remedy = 'restore it from a backup, or have its stream read anew (docs/operations.md)';
        return new StorageError(`staged file ${key} cannot be read: it is missing or damaged; ${remedy}`);
      }
    }
    return undefined;
  } finally {
    connection.closeSync();
  }
}

async function isUnreadable(connection: DuckDBConnection, sql: string): Promise<boolean> {
  try {
    await connection.run(sql);
    return false;
  } catch (error) {
    return !isOutOfMemory(error);
  }
}

/** A path in which nothing is a wildcard. */
function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}
