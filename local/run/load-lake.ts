import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadHandler } from '../../functions/handlers/load.ts';
import type { StreamToLoad } from '../../functions/load/plan.ts';
import type { Engine, Log, Ports } from '../../functions/ports.ts';
import type { ExtractResult, LoadResult } from '../../functions/results.ts';
import type { Settings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source.ts';
import type { DataDir } from '../data-dir.ts';
import type { Environment } from '../env-secrets.ts';
import { writeReport } from '../report/write-report.ts';
import { warehouseIn } from '../warehouse.ts';

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
  const engine = warehouseIn({ dir, env, settings });
  try {
    const accounts = await accountsIn(dir, sources);
    const load = loadHandler({ streams: streamsOf(sources), accounts }, { ...ports, engine });
    const result = await load();
    if (!result.error) await report(engine, dir, log);
    return result;
  } finally {
    await engine.close();
  }
}

function isBusy({ error, exitCode }: ExtractResult): boolean {
  return exitCode === 0 && error !== undefined;
}

function streamsOf(sources: readonly Source[]): readonly StreamToLoad[] {
  return sources.flatMap(({ name, streams }) =>
    Object.entries(streams).map(([stream, { tables }]) => ({ source: name, stream, tables })),
  );
}

async function accountsIn({ lake }: DataDir, sources: readonly Source[]): Promise<Record<string, string[]>> {
  const entries = sources.map(
    async ({ name }): Promise<[string, string[]]> => [name, await foldersIn(join(lake, 'commits', name))],
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
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
