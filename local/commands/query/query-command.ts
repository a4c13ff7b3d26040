import { CallhouseError, ConfigError, type ExitCode } from '../../../functions/errors.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { formatCsv } from '../../console/format-csv.ts';
import { formatJson } from '../../console/format-json.ts';
import { formatTable } from '../../console/format-table.ts';
import { printable } from '../../console/printable.ts';
import type { Shell } from '../../console/shell.ts';
import { queryCopy } from '../../publish/query-copy.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { findWarehouse } from './find-warehouse.ts';
import { maskNames } from './mask-names.ts';
import { pointToPhi } from './point-to-phi.ts';
import { readStatement } from './read-statement.ts';
import { openSafeCopy } from './safe-copy.ts';

const FORMATS: Readonly<Record<string, (result: QueryResult) => Iterable<string>>> = {
  table: ({ columns, rows }) => [formatTable(columns, rows)],
  csv: ({ columns, rows }) => formatCsv(columns, rows),
  json: ({ columns, rows }) => formatJson(columns, rows),
};

/** `callhouse query`: queries the safe half of a data directory, with `--phi` all of it, or with `--athena` the warehouse of a stage. */
export async function queryCommand(given: string | undefined, options: Options, shell: Shell): Promise<ExitCode> {
  const format = FORMATS[readText(options, 'format') ?? 'table'];
  if (!format)
    throw new ConfigError(`--format is not a known format: expected one of ${Object.keys(FORMATS).join(', ')}`);
  const sql = await readStatement(given, options, shell);
  const result = options['athena']
    ? await (await import('../../aws/query-athena.ts')).queryAthena(sql, options, shell)
    : await queryHere(sql, options, shell);
  // A terminal, unlike a file, has a width.
  const isTerminal = Number.isFinite(shell.out.columns);
  for (const text of format(result)) shell.out.write(isTerminal ? text.split('\n').map(printable).join('\n') : text);
  return 0;
}

async function queryHere(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  const dir = await findWarehouse(options, shell);
  if (options['phi']) {
    const engine = warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), readOnly: true });
    try {
      return await engine.query(sql);
    } catch (error) {
      throw maskNames(error, sql);
    } finally {
      await engine.close();
    }
  }
  const { sources } = await loadSources();
  const path = await openSafeCopy(dir, sources, options, shell);
  try {
    return await queryCopy(path, sql);
  } catch (error) {
    throw error instanceof CallhouseError ? pointToPhi(error, sql, sources) : error;
  }
}
