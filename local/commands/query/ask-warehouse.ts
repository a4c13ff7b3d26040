import { CallhouseError } from '../../../functions/errors.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import type { Shell } from '../../console/shell.ts';
import { queryCopy } from '../../publish/query-copy.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import type { DuckdbEngine } from '../../warehouse/duckdb-engine.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import { warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from './find-warehouse.ts';
import { maskNames } from './mask-names.ts';
import { pointToPhi } from './point-to-phi.ts';
import { pointToRun } from './point-to-run.ts';
import { openSafeCopy, tellOtherSettings } from './safe-copy.ts';

/** Runs one query on the safe half of a data directory, with `--phi` on all of it, or with `--athena` on the warehouse of a stage. */
export async function askWarehouse(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  if (!options['athena']) return queryHere(sql, options, shell);
  return (await import('../../aws/query-athena.ts')).queryAthena(sql, options, shell);
}

async function queryHere(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  const dir = await findWarehouse(options, shell);
  if (options['phi']) {
    await tellOtherSettings(dir, options, shell);
    const engine = warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), readOnly: true, signal: shell.signal });
    try {
      return await engine.query(sql);
    } catch (error) {
      throw pointToRun(maskNames(error, sql), (await loadJudgedSources()).stored);
    } finally {
      await engine.close();
    }
  }
  const { stored } = await loadJudgedSources();
  const path = await openSafeCopy(dir, stored, options, shell);
  try {
    return await queryCopy(path, sql, shell.signal);
  } catch (error) {
    throw error instanceof CallhouseError ? pointToPhi(error, sql, stored) : error;
  }
}

/** Opens the complete warehouse of a data directory for reading. @throws ConfigError if there is none */
export async function openWarehouse(options: Options, shell: Shell): Promise<DuckdbEngine> {
  const dir = await findWarehouse(options, shell);
  return warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), readOnly: true });
}
