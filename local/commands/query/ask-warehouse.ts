import { CallhouseError } from '../../../functions/errors.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import type { Shell } from '../../console/shell.ts';
import { streamCopy } from '../../publish/query-copy.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import { asBatches, collectRows, type QueryBatches } from '../../warehouse/result-value.ts';
import { warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from './find-warehouse.ts';
import { maskNames } from './mask-names.ts';
import { pointToPhi } from './point-to-phi.ts';
import { pointToRun } from './point-to-run.ts';
import { openSafeCopy, tellOtherSettings } from './safe-copy.ts';

/** Runs one query on the safe half of a data directory, with `--phi` on all of it, or with `--athena` on the warehouse of a stage. */
export function askWarehouse(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  return streamWarehouse(sql, options, shell, collectRows);
}

/**
 * Like `askWarehouse`, for a result of any size.
 * @param use is given the rows while the query runs: if it fails later, some have been given
 */
export async function streamWarehouse<T>(
  sql: string,
  options: Options,
  shell: Shell,
  use: (result: QueryBatches) => Promise<T>,
): Promise<T> {
  if (options['athena'])
    return use(asBatches(await (await import('../../aws/query-athena.ts')).queryAthena(sql, options, shell)));
  const dir = await findWarehouse(options, shell);
  // The warehouse is closed before anybody reads the answer: a pager would keep each load waiting.
  if (options['phi']) return use(await askAll(sql, dir, options, shell));
  const { stored } = await loadJudgedSources();
  const path = await openSafeCopy(dir, stored, options, shell);
  try {
    return await streamCopy(path, sql, use, shell.signal);
  } catch (error) {
    throw error instanceof CallhouseError ? pointToPhi(error, sql, stored) : error;
  }
}

async function askAll(sql: string, dir: DataDir, options: Options, shell: Shell): Promise<QueryBatches> {
  await tellOtherSettings(dir, options, shell);
  const engine = warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), readOnly: true, signal: shell.signal });
  try {
    return await engine.ask(sql);
  } catch (error) {
    throw pointToRun(maskNames(error, sql), (await loadJudgedSources()).stored);
  } finally {
    await engine.close();
  }
}
