import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../../../functions/errors.ts';
import { relationsOf } from '../../../../schemas/derive/relations.ts';
import type { Table } from '../../../../schemas/table.ts';
import type { ViewSettings } from '../../../../schemas/views/view-settings.ts';
import { viewsFor } from '../../../../schemas/views/views.ts';
import { folderError } from '../../../lake/folder-error.ts';
import { dbtFiles } from './dbt-files.ts';
import { evidenceFiles } from './evidence-files.ts';
import { supersetFiles } from './superset-files.ts';
import type { ToolFiles, ToolInput } from './tool-files.ts';

const TOOLS: Readonly<Record<string, (input: ToolInput, folder: string) => ToolFiles>> = {
  dbt: dbtFiles,
  superset: supersetFiles,
  evidence: evidenceFiles,
};

/** What files are generated for a program, and where. */
export interface ToolFilesRequest {
  /** Name of the program. */
  readonly tool: string;
  /** Absolute path of the folder. */
  readonly path: string;
  readonly tables: readonly Table[];
  readonly views: ViewSettings;
  /** Absolute path of the published copy. */
  readonly copy: string;
}

/** Throws ConfigError unless files can be generated for the program. */
export function checkTool(tool: string): void {
  if (Object.hasOwn(TOOLS, tool)) return;
  throw new ConfigError(`--for is not a known program: expected one of ${Object.keys(TOOLS).join(', ')}`);
}

/**
 * Writes files that are generated from the declarations of tables and views; they hold no data.
 * @returns the number of files
 * @throws ConfigError, StorageError
 */
export async function writeToolFiles({ tool, path, tables, views, copy }: ToolFilesRequest): Promise<number> {
  checkTool(tool);
  const relations = relationsOf(tables, viewsFor(tables, views));
  const files = Object.entries(TOOLS[tool]?.({ relations, views, copy }, path) ?? {});
  for (const [name, text] of files) {
    const file = join(path, name);
    const temporary = `${file}.${randomBytes(8).toString('hex')}`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, text);
      await rename(temporary, file);
    } catch (error) {
      throw folderError(dirname(file), 'write', error);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  return files.length;
}
