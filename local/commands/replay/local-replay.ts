import { ConfigError } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import type { Log } from '../../../functions/ports.ts';
import type { ReplayHomePorts, ReplayRequest } from '../../../functions/replay/replay.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import type { Shell } from '../../console/shell.ts';
import { openStore } from '../../lake/open-store.ts';
import { foldersIn } from '../../lake/store-folders.ts';
import { thisProcess } from '../../ports/this-process.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { closeDataDir } from '../../settings/close-data-dir.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { envSecrets } from '../../settings/env-secrets.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { readErasureKey } from '../../settings/erasure-key.ts';
import { findHashKey, hashKeyStores } from '../../settings/hash-key.ts';
import { bindToLake } from '../../warehouse/lake-binding.ts';
import { warehouseToLoad } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readDataDir, readText, readWarehouse } from '../read-option.ts';
import { accountsIn } from '../run/load-lake.ts';

/** A replay that is ready to begin. */
export interface ReplayHome {
  readonly request: ReplayRequest;
  readonly ports: ReplayHomePorts;
  close(): Promise<void>;
  /** Publishes the copy for BI tools, after `close`. */
  replaceCopies(): Promise<void>;
}

/** The replay of a data directory. @throws ConfigError if it has no commits, or a source that has some is declared wrongly */
export async function openLocalReplay(options: Options, shell: Shell, log: Log): Promise<ReplayHome> {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken } = await loadSources();
  const config = await readConfigFile(readText(options, 'config'), shell.cwd);
  const settings = withEnvironment(config, [...sources, ...broken], env);
  const dir = await openDataDir(readDataDir(options, shell), readWarehouse(options, shell));
  await closeDataDir(dir, log);
  await bindToLake(dir);
  const store = await openStore(dir);
  for (const { name, error } of broken) if ((await foldersIn(store, `commits/${name}/`)).length > 0) throw error;
  const accounts = await accountsIn(store, sources);
  if (Object.values(accounts).every((names) => names.length === 0))
    throw new ConfigError(
      `there is nothing to replay: ${store.name} has no commits; name another folder with --data-dir, or begin with callhouse run`,
    );
  const keys = hashKeyStores(dir, store);
  const engine = warehouseToLoad({ dir, env, settings, log }, store);
  return {
    request: { sources, accounts, settings },
    ports: {
      ...nodePorts,
      store,
      engine,
      secrets: envSecrets(env),
      hashKey: () => findHashKey(keys, env),
      erasureKey: () => readErasureKey(keys),
      parquet: findWriter(settings.parquetWriter),
      log,
      now: Date.now,
      random: Math.random,
      process: thisProcess(),
      signal: shell.signal,
    },
    close: () => engine.close(),
    async replaceCopies() {
      await publishFromFile({ dir, settings, tables: tablesOf(sources), now: Date.now });
    },
  };
}
