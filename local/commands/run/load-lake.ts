import { CallhouseError } from '../../../functions/errors.ts';
import { loadHandler } from '../../../functions/handlers/load.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import type { Engine, Log, Ports, Store } from '../../../functions/ports.ts';
import type { LoadResult } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { Source } from '../../../functions/source/source.ts';
import { foldersIn } from '../../lake/store-folders.ts';
import { writeReport } from '../../report/write-report.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import type { Environment } from '../../settings/env-secrets.ts';
import { warehouseToLoad } from '../../warehouse/warehouse.ts';

/** What a load on this machine needs. */
export interface LoadLakeOptions {
  readonly dir: DataDir;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly env: Environment;
  /** All sources: the warehouse has tables for all of them. */
  readonly sources: readonly Source[];
  /** Names of the sources to load. @default all */
  readonly only?: readonly string[];
  /** @default true */
  readonly writesReport?: boolean;
  readonly log: Log;
}

/** Loads the commits of every account in the lake, from this run or earlier ones, and writes the report. */
export async function loadLake(options: LoadLakeOptions): Promise<LoadResult> {
  const { dir, env, settings, sources, only, writesReport = true, ports, log } = options;
  const notLoaded = { commits: 0, changed: {} };
  if (ports.signal?.aborted) {
    return { ...notLoaded, error: 'interrupted before loading; the next run loads what is staged', exitCode: 130 };
  }
  const engine = warehouseToLoad({ dir, env, settings }, ports.store);
  try {
    const toLoad = sources.filter(({ name }) => only?.includes(name) ?? true);
    const accounts = await accountsIn(ports.store, toLoad);
    const load = loadHandler({ streams: streamsToLoad(sources), accounts }, { ...ports, engine });
    const result = await load();
    if (!result.error && writesReport) await report(engine, dir, log);
    return result;
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...notLoaded, error: error.message, exitCode: error.exitCode };
  } finally {
    await engine.close();
  }
}

/** Accounts that have commits in the lake, by source. */
export async function accountsIn(store: Store, sources: readonly Source[]): Promise<Record<string, readonly string[]>> {
  const entries = sources.map(async ({ name }) => [name, await foldersIn(store, `commits/${name}/`)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Writes the report. A failure is only a warning, because the data is already loaded. */
async function report(engine: Engine, dir: DataDir, log: Log): Promise<void> {
  try {
    await writeReport(engine, dir.report);
  } catch (error) {
    log('warn', `the report could not be written to ${dir.report}`, {
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
}
