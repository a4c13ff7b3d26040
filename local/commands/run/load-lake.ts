import { existsSync } from 'node:fs';
import { checkDaily } from '../../../functions/check/check-daily.ts';
import { reportFaults } from '../../../functions/check/check-load.ts';
import { CallhouseError } from '../../../functions/errors.ts';
import { loadHandler } from '../../../functions/handlers/load.ts';
import { accountsInLake } from '../../../functions/lake/accounts-in-lake.ts';
import { type LoadPlan, streamsToLoad, tablesOf } from '../../../functions/load/plan.ts';
import type { Engine, Log, Ports } from '../../../functions/ports.ts';
import { reportSettings } from '../../../functions/report/report-request.ts';
import { type LoadResult, worstOf } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { Source, StoredSource } from '../../../functions/source/source.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { maintainLake } from '../../lake/maintain-lake.ts';
import { isPublishDue, publish, publishedPath } from '../../publish/publish.ts';
import { makeReport } from '../../report/make-report.ts';
import { writeReport } from '../../report/write-report.ts';
import type { DataDir } from '../../settings/data-dir.ts';
import type { Environment } from '../../settings/env-secrets.ts';
import type { DuckdbEngine } from '../../warehouse/duckdb-engine.ts';
import { warehouseToLoad } from '../../warehouse/warehouse.ts';

/** What a load on this machine needs. */
export interface LoadLakeOptions {
  readonly dir: DataDir;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly env: Environment;
  /** All sources that can be loaded. */
  readonly sources: readonly Source[];
  /** Sources for which the warehouse has tables. @default sources */
  readonly stored?: readonly StoredSource[] | undefined;
  /** Names of the sources to load. @default all */
  readonly only?: readonly string[];
  /** True if no load of this run follows; then the report is written and the copy for BI tools published. @default true */
  readonly isLast?: boolean;
  /** True if an earlier load of this run loaded a commit. @default false */
  readonly hasLoaded?: boolean;
  /** When the run was due; the report judges by it how old the data is. @default now */
  readonly at?: Date;
  readonly log: Log;
}

/** Loads the commits of every account in the lake, from this run or earlier ones; the last load of a run writes the report and publishes. */
export async function loadLake(options: LoadLakeOptions): Promise<LoadResult> {
  const { dir, env, settings, ports, log } = options;
  const notLoaded = { commits: 0, changed: {} };
  if (ports.signal?.aborted) {
    return { ...notLoaded, error: 'interrupted before loading; the next run loads what is staged', exitCode: 130 };
  }
  const engine = warehouseToLoad({ dir, env, settings, log }, ports.store);
  try {
    return await loadWith(engine, options);
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...notLoaded, error: error.message, exitCode: error.exitCode };
  }
}

async function loadWith(engine: DuckdbEngine, options: LoadLakeOptions): Promise<LoadResult> {
  const { dir, settings, sources, stored = sources, only, isLast = true, hasLoaded = false, ports } = options;
  try {
    const toLoad = sources.filter(({ name }) => only?.includes(name) ?? true);
    const accounts = await accountsInLake(ports.store, namesOf(toLoad));
    const plan = { streams: streamsToLoad(stored), accounts };
    const loaded = await loadHandler(plan, { ...ports, engine })();
    const result = isLast && !loaded.error ? await checkedDaily(loaded, engine, options) : loaded;
    const isChanged = hasLoaded || loaded.commits > 0 || !existsSync(dir.report);
    if (!result.error && isLast && isChanged) await report(engine, options);
    // A load that could not begin says why; waiting for the warehouse again would not help.
    if (isLast && (!result.error || result.commits > 0)) await publishIfDue(engine, options);
    if (isLast && !result.error)
      await maintainLake({ dir, plan: await wholePlan(options), settings }, { ...ports, engine });
    return result;
  } finally {
    // Throws too if the disk is full.
    await engine.close();
  }
}

/** Checks all of the warehouse once a day; a fault found is one of the load's. */
async function checkedDaily(
  loaded: LoadResult,
  engine: Engine,
  { sources, ports, log }: LoadLakeOptions,
): Promise<LoadResult> {
  const plan = await wholePlan({ sources, ports });
  const views = viewsFor(tablesOf(sources), { timeZone: 'UTC' });
  const options = { plan, views, at: new Date(ports.now()), engine, store: ports.store };
  const found = reportFaults(await checkDaily(options, ports.now()), log);
  if (found.length === 0) return loaded;
  return { ...loaded, faults: [...(loaded.faults ?? []), ...found], exitCode: worstOf([4, loaded.exitCode]) };
}

/** Everything that the lake has. */
async function wholePlan({ sources, ports }: Pick<LoadLakeOptions, 'sources' | 'ports'>): Promise<LoadPlan> {
  return { streams: streamsToLoad(sources), accounts: await accountsInLake(ports.store, namesOf(sources)) };
}

function namesOf(sources: readonly StoredSource[]): readonly string[] {
  return sources.map(({ name }) => name);
}

/** Publishes the copy for BI tools. A failure is only a warning, because the data is already loaded. */
async function publishIfDue(
  engine: DuckdbEngine,
  { dir, settings, sources, stored = sources, ports, log }: LoadLakeOptions,
): Promise<void> {
  const tables = tablesOf(stored);
  const options = { dir, settings, tables, now: ports.now };
  try {
    if (!(await isPublishDue(options))) return;
    // No other process publishes while the warehouse is open here.
    await engine.borrow((connection, name) => publish({ connection, name }, { ...options, deadBefore: Date.now() }));
    log('debug', 'published the copy for BI tools', { path: publishedPath(dir, settings) });
  } catch (error) {
    const reason = error instanceof CallhouseError ? error.message : error instanceof Error ? error.name : 'unknown';
    log('warn', `the copy for BI tools could not be published: ${reason}`);
  }
}

/** Writes the report. A failure is only a warning, because the data is already loaded. */
async function report(
  engine: DuckdbEngine,
  { dir, settings, sources, stored = sources, ports, at = new Date(ports.now()), log }: LoadLakeOptions,
): Promise<void> {
  try {
    const request = { ...reportSettings(settings), tables: tablesOf(stored), at };
    const page = await engine.borrow((connection, database) =>
      makeReport({ connection, database, schema: DATABASES.safe }, request),
    );
    await writeReport(page, dir.report);
  } catch (error) {
    const reason = error instanceof CallhouseError ? error.message : error instanceof Error ? error.name : 'unknown';
    log('warn', `the report could not be written to ${dir.report}: ${reason}`);
  }
}
