import { ConfigError } from '../../../functions/errors.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { dataDirAt, isDataDir } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import type { DuckdbEngine } from '../../warehouse/duckdb-engine.ts';
import { hasWarehouse, warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readDataDir, readWarehouse } from '../read-option.ts';

/** Runs one query on the warehouse of a data directory, or with `--athena` on that of a stage. */
export async function askWarehouse(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  if (!options['athena']) return queryHere(sql, options, shell);
  return (await import('../../aws/query-athena.ts')).queryAthena(sql, options, shell);
}

async function queryHere(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  const engine = await openWarehouse(options, shell);
  try {
    return await engine.query(sql);
  } finally {
    await engine.close();
  }
}

/** Opens the warehouse of a data directory for reading. @throws ConfigError if there is none */
export async function openWarehouse(options: Options, shell: Shell): Promise<DuckdbEngine> {
  const dir = dataDirAt(readDataDir(options, shell), readWarehouse(options, shell));
  if (!(await isDataDir(dir)) || !hasWarehouse(dir)) {
    throw new ConfigError(
      `there is no warehouse in ${dir.path}; create it with: ${ownCommand(shell.cwd)} run; or name another with --data-dir (the demo's is ./data/demo)`,
    );
  }
  return warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), readOnly: true });
}
