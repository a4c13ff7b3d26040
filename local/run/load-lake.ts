import { CallhouseError } from '../../functions/errors.ts';
import { loadHandler } from '../../functions/handlers/load.ts';
import { streamsToLoad } from '../../functions/load/plan.ts';
import type { Engine, Log, Ports, Store } from '../../functions/ports.ts';
import type { ExtractResult, LoadResult } from '../../functions/results.ts';
import type { Settings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source/source.ts';
import type { DataDir } from '../data-dir.ts';
import type { Environment } from '../env-secrets.ts';
import { writeReport } from '../report/write-report.ts';
import { foldersIn } from '../store-folders.ts';
import { warehouseToLoad } from '../warehouse.ts';

/** What a load on this machine needs. */
export interface LakeLoad {
  readonly dir: DataDir;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly env: Environment;
  readonly sources: readonly Source[];
  readonly extracted: readonly ExtractResult[];
  readonly log: Log;
}

/** Loads every account whose commits are in the lake, extracted now or earlier, and writes the report. */
export async function loadLake(options: LakeLoad): Promise<LoadResult> {
  const { dir, env, settings, sources, extracted, ports, log } = options;
  const notLoaded = { commits: 0, changed: {} };
  if (ports.signal?.aborted) {
    return { ...notLoaded, error: 'interrupted before loading; the next run loads what is staged', exitCode: 130 };
  }
  // Where all are at work in another process, that one loads too.
  if (extracted.length > 0 && extracted.every(isBusy)) return { ...notLoaded, exitCode: 0 };
  const engine = warehouseToLoad({ dir, env, settings }, ports.store);
  try {
    const accounts = await accountsIn(ports.store, sources);
    const load = loadHandler({ streams: streamsToLoad(sources), accounts }, { ...ports, engine });
    const result = await load();
    if (!result.error) await report(engine, dir, log);
    return result;
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...notLoaded, error: error.message, exitCode: error.exitCode };
  } finally {
    await engine.close();
  }
}

function isBusy({ error, exitCode }: ExtractResult): boolean {
  return exitCode === 0 && error !== undefined;
}

async function accountsIn(store: Store, sources: readonly Source[]): Promise<Record<string, readonly string[]>> {
  const entries = sources.map(async ({ name }) => [name, await foldersIn(store, `commits/${name}/`)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The data is in: a page that cannot be written is a pity, and no failure of the run. */
async function report(engine: Engine, dir: DataDir, log: Log): Promise<void> {
  try {
    await writeReport(engine, dir.report);
  } catch (error) {
    log('warn', `the report could not be written to ${dir.report}`, {
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
}
