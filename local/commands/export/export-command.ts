import { resolve } from 'node:path';
import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { viewSettingsOf } from '../../../functions/view-settings.ts';
import { count } from '../../console/count.ts';
import type { Shell } from '../../console/shell.ts';
import { attachCopy, inMemory } from '../../publish/query-copy.ts';
import { attachWarehouse } from '../../publish/refresh.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { openSafeCopy } from '../query/safe-copy.ts';
import { readText } from '../read-option.ts';
import { exportPhiFile, exportSafeFile } from './export-duckdb.ts';
import { type ExportRequest, exportFiles } from './export-files.ts';

const FORMATS = ['duckdb', 'parquet', 'csv'] as const;
type Format = (typeof FORMATS)[number];

/** `callhouse export`: writes the safe half, or with `--phi` everything, for other programs. */
export async function exportCommand(given: string, options: Options, shell: Shell): Promise<ExitCode> {
  const format = readFormat(options);
  const path = resolve(shell.cwd, given);
  const dir = await findWarehouse(options, shell);
  const { stored } = await loadSources();
  const settings = await readConfigFile(readText(options, 'config'), shell.cwd);
  const tables = tablesOf(stored);
  const request = { path, tables, views: viewSettingsOf(settings) };
  if (options['phi']) return report(await exportPhi(format, dir, request), path, shell);
  const copy = await openSafeCopy(dir, stored, options, shell);
  const { group } = settings;
  if (format === 'duckdb') return report(await exportSafeFile(copy, { ...request, group }), path, shell);
  const files = await inMemory(copy, async (connection) => {
    await attachCopy(connection, copy);
    return exportFiles(connection, { ...request, format, group });
  });
  return report(files, path, shell);
}

function readFormat(options: Options): Format {
  const text = readText(options, 'format') ?? 'duckdb';
  const format = FORMATS.find((name) => name === text);
  if (format) return format;
  throw new ConfigError(`--format is not a known format: expected one of ${FORMATS.join(', ')}`);
}

/** Only its owner may read it, whatever the setting `group` says. */
async function exportPhi(format: Format, { warehouse }: DataDir, request: ExportRequest): Promise<number> {
  return inMemory(warehouse, async (connection) => {
    const source = await attachWarehouse(connection, warehouse);
    if (format === 'duckdb') return exportPhiFile(connection, source, request);
    return exportFiles(connection, { ...request, format, source });
  });
}

function report(files: number, path: string, { out }: Shell): ExitCode {
  out.write(`${count(files, 'file')} written: ${path}\n`);
  return 0;
}
