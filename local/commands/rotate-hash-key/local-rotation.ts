import { streamsToLoad, tablesOf } from '../../../functions/load/plan.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import type { Log } from '../../../functions/ports.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import type { Shell } from '../../console/shell.ts';
import { openStore } from '../../lake/open-store.ts';
import { refuseBroken } from '../../lake/refuse-broken.ts';
import { thisProcess } from '../../ports/this-process.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { closeDataDir } from '../../settings/close-data-dir.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { hashKeyStores, keyToRotateTo } from '../../settings/hash-key.ts';
import { bindToLake } from '../../warehouse/lake-binding.ts';
import { hasWarehouse, warehouseToLoad } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readCopySettings } from '../query/safe-copy.ts';
import { readDataDir, readText, readWarehouse } from '../read-option.ts';
import { accountsIn } from '../run/load-lake.ts';
import type { RotationHome } from './rotation-home.ts';

/** The rotation of a data directory. */
export async function openLocalRotation(options: Options, shell: Shell, log: Log): Promise<RotationHome> {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken } = await loadSources();
  const settings = withEnvironment(
    await readConfigFile(readText(options, 'config'), shell.cwd),
    [...sources, ...broken],
    env,
  );
  const dir = await openDataDir(readDataDir(options, shell), readWarehouse(options, shell));
  await closeDataDir(dir, log);
  await bindToLake(dir);
  const store = await openStore(dir);
  await refuseBroken(store, broken, 'their hashes would stay of the old key');
  const shown = await readCopySettings(dir, options, shell);
  const engine = hasWarehouse(dir) ? warehouseToLoad({ dir, env, settings: shown }, store) : undefined;
  const plan = { streams: streamsToLoad(sources), accounts: await accountsIn(store, sources) };
  return {
    rotation: { plan, newKey: () => keyToRotateTo(hashKeyStores(dir, store), env) },
    ports: {
      ...nodePorts,
      store,
      engine,
      parquet: findWriter(settings.parquetWriter),
      log,
      now: Date.now,
      random: Math.random,
      process: thisProcess(),
    },
    close: async () => engine?.close(),
    replaceCopies: async () => {
      if (engine) await publishFromFile({ dir, settings: shown, tables: tablesOf(sources), now: Date.now });
    },
  };
}
