import { ConfigError } from '../../functions/errors.ts';
import { accountsInLake } from '../../functions/lake/accounts-in-lake.ts';
import { hasObjects } from '../../functions/lake/objects.ts';
import { tablesOf } from '../../functions/load/plan.ts';
import type { Log, Store } from '../../functions/ports.ts';
import { ownCommand } from '../console/own-command.ts';
import type { Shell } from '../console/shell.ts';
import { openStore } from '../lake/open-store.ts';
import { refuseBroken, warnOfUndeclared } from '../lake/refuse-broken.ts';
import { rewritePorts } from '../ports/rewrite-ports.ts';
import { publishFromFile } from '../publish/refresh.ts';
import { closeDataDir } from '../settings/close-data-dir.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { dataDirAt, openDataDir } from '../settings/data-dir.ts';
import { withDotenv } from '../settings/dotenv.ts';
import { withEnvironment } from '../settings/env-settings.ts';
import { hashKeyStores } from '../settings/hash-key.ts';
import { loadJudgedSources } from '../warehouse/judged-sources.ts';
import { bindToLake } from '../warehouse/lake-binding.ts';
import { warehouseToLoad } from '../warehouse/warehouse.ts';
import type { Options } from './command.ts';
import { readCopySettings } from './query/safe-copy.ts';
import { readDataDir, readText, readWarehouse } from './read-option.ts';

/**
 * Opens a data directory for a command that rewrites its lake and its warehouse, and must reach every record of them. Views and
 * the published copy stay as the last load made them, wherever the command is called.
 * @param why what would happen to records of a source whose declaration is wrong, for the message
 * @throws ConfigError if the lake holds some
 */
export async function openWholeLake(options: Options, shell: Shell, log: Log, why: string) {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken, stored } = await loadJudgedSources();
  const config = await readConfigFile(readText(options, 'config'), shell.cwd);
  const settings = withEnvironment(config, [...sources, ...broken], env);
  const place = [readDataDir(options, shell), readWarehouse(options, shell)] as const;
  const store = await openStore(dataDirAt(...place));
  await refuseEmpty(store, shell);
  const dir = await openDataDir(...place);
  await closeDataDir(dir, log);
  await bindToLake(dir);
  await refuseBroken(store, broken, why);
  await warnOfUndeclared(store, { known: sources.map(({ name }) => name), why, log });
  const shown = await readCopySettings(dir, options, shell);
  return {
    dir,
    env,
    sources,
    settings,
    accounts: await accountsInLake(
      store,
      sources.map(({ name }) => name),
    ),
    keys: hashKeyStores(dir, store),
    ports: rewritePorts(store, settings, log),
    openWarehouse: () => warehouseToLoad({ dir, env, settings: shown, log }, store),
    /** Publishes the copy for BI tools, once the warehouse is closed. @param deadBefore see `PublishOptions` */
    publish: (deadBefore?: number) =>
      publishFromFile({ dir, settings: shown, tables: tablesOf(stored), now: Date.now, deadBefore }),
  };
}

/** A mistyped folder would become a data directory, with a key of its own, and the command would report success. */
async function refuseEmpty(store: Store, { cwd }: Shell): Promise<void> {
  if (await hasObjects(store, '')) return;
  throw new ConfigError(
    `there is nothing in ${store.name}; name another data directory with --data-dir, or begin with: ${ownCommand(cwd)} run`,
  );
}
