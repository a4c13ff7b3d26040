import { resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { viewSettingsOf } from '../../../functions/view-settings.ts';
import { count } from '../../console/count.ts';
import type { Shell } from '../../console/shell.ts';
import { attachCopy, inMemory } from '../../publish/query-copy.ts';
import { attachWarehouse } from '../../publish/refresh.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import { refuseOwnPath } from '../../settings/own-path.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { openSafeCopy, readCopySettings } from '../query/safe-copy.ts';
import { readText } from '../read-option.ts';
import { exportPhiFile, exportSafeFile } from './export-duckdb.ts';
import { type ExportRequest, exportFiles } from './export-files.ts';
import { checkTool, writeToolFiles } from './tools/write-tool-files.ts';

const FORMATS = ['duckdb', 'parquet', 'csv'] as const;
type Format = (typeof FORMATS)[number];

/** `callhouse export`: writes the safe half, or with `--phi` everything, for other programs. */
export async function exportCommand(given: string, options: Options, shell: Shell): Promise<ExitCode> {
  const format = readFormat(options);
  const tool = readTool(options);
  const path = resolve(shell.cwd, given);
  const dir = await findWarehouse(options, shell);
  refuseOwnPath(path, path, dir);
  const { stored } = await loadJudgedSources();
  const settings = await readCopySettings(dir, options, shell);
  const tables = tablesOf(stored);
  const request = { path, tables, views: viewSettingsOf(settings), signal: shell.signal };
  if (options['phi']) return report(await exportPhi(format, dir, request, shell), path, shell);
  const copy = await openSafeCopy(dir, stored, options, shell);
  if (tool !== undefined) return report(await writeToolFiles({ ...request, tool, copy }), path, shell);
  const { group } = settings;
  if (format === 'duckdb') return report(await exportSafeFile(copy, { ...request, group }), path, shell);
  const write = async (connection: DuckDBConnection) => {
    await attachCopy(connection, copy);
    return exportFiles(connection, { ...request, format, group });
  };
  const files = await inMemory(copy, write, shell.signal);
  return report(files, path, shell);
}

function readFormat(options: Options): Format {
  const text = readText(options, 'format') ?? 'duckdb';
  const format = FORMATS.find((name) => name === text);
  if (format) return format;
  throw new ConfigError(`--format is not a known format: expected one of ${FORMATS.join(', ')}`);
}

/** The program that files are generated for; they describe the copy without health data alone. */
function readTool(options: Options): string | undefined {
  const tool = readText(options, 'for');
  if (tool === undefined) return undefined;
  checkTool(tool);
  if (!options['phi']) return tool;
  throw new ConfigError('--for describes the copy without health data; expected no --phi beside it');
}

/** Only its owner may read it, whatever the setting `group` says. */
async function exportPhi(
  format: Format,
  { warehouse }: DataDir,
  request: ExportRequest,
  { signal }: Shell,
): Promise<number> {
  const write = async (connection: DuckDBConnection) => {
    const source = await attachWarehouse(connection, warehouse);
    if (format === 'duckdb') return exportPhiFile(connection, source, request);
    return exportFiles(connection, { ...request, format, source });
  };
  return inMemory(warehouse, write, signal);
}

function report(files: number, path: string, { out }: Shell): ExitCode {
  out.write(`${count(files, 'file')} written: ${path}\n`);
  return 0;
}
