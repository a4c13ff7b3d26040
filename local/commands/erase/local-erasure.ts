import { tablesOf } from '../../../functions/load/plan.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import type { Log } from '../../../functions/ports.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import type { Shell } from '../../console/shell.ts';
import { openStore } from '../../lake/open-store.ts';
import { refuseBroken } from '../../lake/refuse-broken.ts';
import { sweepTemporaries } from '../../lake/sweep-temporaries.ts';
import { thisProcess } from '../../ports/this-process.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { closeDataDir } from '../../settings/close-data-dir.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { isBucket } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { findErasureKey } from '../../settings/erasure-key.ts';
import { findHashKey, hashKeyStores } from '../../settings/hash-key.ts';
import { bindToLake } from '../../warehouse/lake-binding.ts';
import { warehouseToLoad } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { readText } from '../read-option.ts';
import { accountsIn } from '../run/load-lake.ts';
import type { EraseHome } from './erase-home.ts';

/** Erasing from a data directory. @throws ConfigError if it has no warehouse */
export async function openLocalErasure(options: Options, shell: Shell, log: Log): Promise<EraseHome> {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken, stored } = await loadSources();
  const settings = withEnvironment(
    await readConfigFile(readText(options, 'config'), shell.cwd),
    [...sources, ...broken],
    env,
  );
  const dir = await findWarehouse(options, shell);
  await closeDataDir(dir, log);
  await bindToLake(dir);
  const store = await openStore(dir);
  await refuseBroken(store, broken, 'they would not be erased');
  const keys = hashKeyStores(dir, store);
  const engine = warehouseToLoad({ dir, env, settings, log }, store);
  return {
    request: { sources, accounts: await accountsIn(store, sources) },
    ports: {
      ...nodePorts,
      store,
      engine,
      databases: DATABASES,
      parquet: findWriter(settings.parquetWriter),
      hashKey: () => findHashKey(keys, env),
      erasureKey: () => findErasureKey(keys),
      log,
      now: Date.now,
      random: Math.random,
      process: thisProcess(),
    },
    remains: [
      'backups and snapshots of this data directory, and files that callhouse export wrote: erase them yourself',
      ...(isBucket(dir.lake) ? ['earlier versions of objects, if the bucket keeps versions'] : []),
      'the vendor, who still has the record: ask for its erasure there too',
    ],
    close: () => engine.close(),
    async replaceCopies() {
      if (!isBucket(dir.lake)) await sweepTemporaries(dir.lake, Date.now());
      await publishFromFile({ dir, settings, tables: tablesOf(stored), now: Date.now });
    },
  };
}
