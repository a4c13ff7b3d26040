import { open, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { InterruptedError } from '../../../functions/errors.ts';
import { clinicTimeTest } from '../../../schemas/derive/clinic-times.ts';
import { databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../../schemas/derive/sql-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { ViewSettings } from '../../../schemas/views/view-settings.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { withoutZone } from '../../console/clinic-times.ts';
import { csvFormat } from '../../console/format-csv.ts';
import { folderError, removeHalf } from '../../lake/folder-error.ts';
import { makeFolder } from '../../lake/make-folder.ts';
import { giveToGroup } from '../../publish/file-access.ts';
import { heldColumnsIn } from '../../publish/held-columns.ts';
import { COPY } from '../../publish/query-copy.ts';
import { halfOf, removeLeftovers } from '../../publish/write-copy.ts';
import { streamRows } from '../../warehouse/stream-rows.ts';

/** What is exported, and where. */
export interface ExportRequest {
  /** Absolute path of the file or folder. */
  readonly path: string;
  readonly tables: readonly Table[];
  readonly views: ViewSettings;
  /** Group that may read the files. @default their owner alone */
  readonly group?: string | undefined;
  /** Interrupts the export. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** Files of one table or view each. */
export interface ExportFilesRequest extends ExportRequest {
  readonly format: 'parquet' | 'csv';
  /** Name under which the warehouse is attached. @default a published copy is in use, which has one schema */
  readonly source?: string;
}

/** Writes one file per table and view that the source holds. @returns the number of files @throws StorageError */
export async function exportFiles(connection: DuckDBConnection, request: ExportFilesRequest): Promise<number> {
  const { path, format, group, signal } = request;
  const held = await heldColumnsIn(connection, request.source ?? COPY);
  const parts = partsOf(request).filter(({ schema, name }) => held.has(`${schema}.${name}`));
  const isClinicTime = clinicTimeTest(request.tables, viewsFor(request.tables, request.views), '');
  for (const { folder, name, from } of parts) {
    if (signal?.aborted) throw new InterruptedError('interrupted before every table was written');
    const within = join(path, folder);
    const target = join(within, `${name}.${format}`);
    const temporary = halfOf(target);
    try {
      const made = await makeFolder(within);
      if (made !== undefined && group !== undefined) await giveToGroup(within, group, 0o750);
      await removeLeftovers(within, basename(target));
      if (format === 'parquet')
        await connection.run(`COPY (SELECT * FROM ${from}) TO ${quoteText(temporary)} (FORMAT parquet)`);
      else await writeCsv(connection, { sql: `SELECT * FROM ${from}`, path: temporary, isClinicTime, signal });
      await giveToGroup(temporary, group);
      await rename(temporary, target);
    } catch (error) {
      throw folderError(within, 'write', error);
    } finally {
      await removeHalf(temporary);
    }
  }
  return parts.length;
}

/** The safe half is one folder; with health data, there is a folder for each schema. */
function partsOf({ tables, views, source }: ExportFilesRequest) {
  const all = [
    ...databaseTablesOf(tables),
    ...viewsFor(tables, views).map(({ name }) => ({ database: DATABASES.safe, name })),
  ];
  if (source === undefined) {
    const safe = all.filter(({ database }) => database === DATABASES.safe);
    return safe.map(({ name }) => ({ folder: '', schema: 'main', name, from: `main.${quoteName(name)}` }));
  }
  return all.map(({ database, name }) => ({
    folder: database,
    schema: database,
    name,
    from: `${quoteName(source)}.${quoteName(database)}.${quoteName(name)}`,
  }));
}

interface CsvFile extends Pick<ExportRequest, 'path' | 'signal'> {
  readonly sql: string;
  readonly isClinicTime: (column: string) => boolean;
}

/** Writes rows as they are read, so that a table of any size fits into memory. */
async function writeCsv(connection: DuckDBConnection, { sql, path, isClinicTime, signal }: CsvFile): Promise<void> {
  const { columns, zoned, batches } = await streamRows(connection, sql, signal);
  const text = csvFormat(columns);
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const rows of batches)
      await file.writeFile(text.add(withoutZone({ columns, zoned, rows }, isClinicTime).rows));
    await file.writeFile(text.end());
  } finally {
    await file.close();
  }
}
