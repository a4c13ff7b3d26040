import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { extractHandler } from '../../functions/handlers/extract.ts';
import { loadHandler } from '../../functions/handlers/load.ts';
import { streamsToLoad } from '../../functions/load/plan.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { hyparquetWriter } from '../../functions/parquet/hyparquet.ts';
import type { Ports, Store } from '../../functions/ports.ts';
import type { ExtractResult, LoadResult } from '../../functions/results.ts';
import { parseSettings, type SettingsInput } from '../../functions/settings.ts';
import { listSources } from '../../functions/source/registry.ts';
import { fsStore } from '../../local/lake/fs-store.ts';
import { envSecrets } from '../../local/settings/env-secrets.ts';
import { duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { sharedHttp } from './ports.ts';

/** A local home in a folder, run in this process. */
export interface Home {
  readonly store: Store;
  readonly warehouse: string;
  /** Log lines so far, as text. */
  readonly lines: string[];
  extract(source: string, at: Date, more?: Partial<Ports>): Promise<ExtractResult>;
  load(): Promise<LoadResult>;
  /** Extracts every source, then loads. */
  run(
    at: Date,
    more?: Partial<Ports>,
  ): Promise<{ readonly extracts: readonly ExtractResult[]; readonly load: LoadResult }>;
}

/** The vendors that the home extracts from. */
export interface HomeOptions {
  /** Base URLs and credentials, by the names of the environment variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly settings?: SettingsInput;
  readonly hashKey?: string;
  readonly sources?: readonly string[];
}

export const SOURCES = ['kismet', 'solum', 'zudu', 'kalem'];
export const HASH_KEY = 'hash key of the tests, which has 32 characters and more';

/** Creates a home below `folder`. Waits take no time, and the lease treats each run as a separate process. */
export function makeHome(
  folder: string,
  { env, settings: input, hashKey = HASH_KEY, sources = SOURCES }: HomeOptions,
): Home {
  const lake = join(folder, 'lake');
  const store = fsStore(lake);
  const warehouse = join(folder, 'warehouse.duckdb');
  const lines: string[] = [];
  const given = Object.fromEntries(
    SOURCES.map((name) => [
      name,
      { baseUrl: env[`${name.toUpperCase()}_BASE_URL`], maxRps: 1000, ...input?.sources?.[name] },
    ]),
  );
  const settings = parseSettings({ ...input, sources: given }, 'test');
  const born = new Set<string>();
  const makePorts = (more?: Partial<Ports>): Ports => {
    const self = { host: 'test', pid: 1, born: randomUUID() };
    born.clear();
    born.add(self.born);
    return {
      ...nodePorts,
      store,
      secrets: envSecrets(env),
      parquet: hyparquetWriter(),
      hashKey: async () => hashKey,
      fetch: sharedHttp,
      log: (level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
      now: () => Date.now(),
      random: Math.random,
      sleep: async () => {},
      process: { ...self, isGone: (holder) => !born.has(holder.born) },
      remainingMs: () => Number.POSITIVE_INFINITY,
      ...more,
    };
  };
  const extract: Home['extract'] = (source, at, more) =>
    extractHandler(makePorts(more), settings)({ source, at: at.toISOString() });
  const load: Home['load'] = async () => {
    const streams = streamsToLoad(await listSources());
    const engine = duckdbEngine({
      path: warehouse,
      pathOf: (key) => join(lake, key),
      views: { timeZone: settings.timeZone },
      sleep: async () => {},
    });
    const accounts = Object.fromEntries(sources.map((name) => [name, ['default']]));
    try {
      return await loadHandler({ streams, accounts }, { store, engine, log: makePorts().log, now: () => Date.now() })();
    } finally {
      await engine.close();
    }
  };
  return {
    store,
    warehouse,
    lines,
    extract,
    load,
    async run(at, more) {
      const extracts: ExtractResult[] = [];
      for (const source of sources) extracts.push(await extract(source, at, more));
      return { extracts, load: await load() };
    },
  };
}
