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

/** Returns the absolute path of a stored object. */
export type PathOf = (key: string) => string;

/** SQL that makes the view `callhouse_staging.<table>` show the rows of these files. A column that a file lacks is null. */
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

/** The folders `acct=` and `day=` as columns, matched at the end of the path because the data directory may be inside folders with such names. */
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

/** Returns an error that names the first file that is missing or damaged. */
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
        const remedy = 'restore it from a backup, or have its stream read again (docs/operations.md)';
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

/** Quotes a path and escapes its wildcards. */
function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}
