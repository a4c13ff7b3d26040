import { foldersIn } from '../../../functions/lake/folders-in.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import type { Source } from '../../../functions/source/source.ts';
import type { Shell } from '../../console/shell.ts';
import { openStore } from '../../lake/open-store.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { dataDirAt, isBucket, isDataDir } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { variableOf } from '../../settings/env-secrets.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import { isBoundToLake } from '../../warehouse/lake-binding.ts';
import { hasWarehouse, type WarehouseOptions, warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readDataDir, readText, readWarehouse } from '../read-option.ts';
import { accountsOf, sortWrong, type WrongSources } from '../run/select-targets.ts';
import { loadedByAny, lookInto, type WarehouseLook } from './loaded-up-to.ts';

/** A lake with its streams, including those that are expected and never ran. */
export interface StatusPlace {
  /** Folder or bucket, for messages. */
  readonly name: string;
  readonly store: Store;
  readonly sources: readonly Source[];
  /** Sources whose declaration is wrong, so that their streams are not known. @default none */
  readonly wrong?: WrongSources;
  readonly accountsOf: (source: Source) => readonly string[];
  /** True if the account has set this option, so that streams with `skipWhenOptionSet` are skipped. */
  readonly skipsStreams: (option: string, account: string) => boolean;
  /** Reads what the warehouse holds of these streams. */
  readonly look: (ids: readonly StreamId[]) => Promise<WarehouseLook>;
}

/** `status` should answer at once, even if another program holds the warehouse. */
const LOCK_WAIT_MS = 500;

/** The data directory of `--data-dir`, with the accounts of the settings and the environment. */
export async function localPlace(options: Options, shell: Shell): Promise<StatusPlace> {
  const dir = dataDirAt(readDataDir(options, shell), readWarehouse(options, shell));
  if (!isBucket(dir.lake)) await isDataDir(dir);
  const { sources, broken: wrong } = await loadJudgedSources();
  const env = withDotenv(shell.cwd, shell.env);
  const settings = withEnvironment(
    await readConfigFile(readText(options, 'config'), shell.cwd),
    [...sources, ...wrong],
    env,
  );
  const store = await openStore(dir);
  return {
    name: dir.name,
    store,
    sources,
    wrong: sortWrong({ sources, broken: wrong, settings, env }),
    accountsOf: (source) => accountsOf(source, { settings, env }),
    skipsStreams: (option, account) => Boolean(env[variableOf(option, account)]),
    look: (ids) => lookHere({ dir, env, settings, readOnly: true, lockWaitMs: LOCK_WAIT_MS }, { store, sources }, ids),
  };
}

async function lookHere(
  options: WarehouseOptions,
  lake: { readonly store: Store; readonly sources: readonly Source[] },
  ids: readonly StreamId[],
): Promise<WarehouseLook> {
  const { dir } = options;
  if (hasWarehouse(dir) && (await isBoundToLake(dir))) return lookInto(warehouseIn(options), lake, ids);
  // Another machine may have loaded a bucket. A folder without a warehouse has loaded nothing.
  return isBucket(dir.lake) ? loadedByAny(lake.store) : { loadedUpTo: async () => 0 };
}

/** Every stream that has commits, and every stream of a configured account. */
export async function findStreams({ store, sources, ...place }: StatusPlace): Promise<readonly StreamId[]> {
  const ids: StreamId[] = [];
  for (const source of sources) {
    const folder = `commits/${source.name}/`;
    const accounts = new Set([...place.accountsOf(source), ...(await foldersIn(store, folder))]);
    for (const account of accounts) {
      const known = new Set(await foldersIn(store, `${folder}${account}/`));
      for (const [stream, { skipWhenOptionSet: option }] of Object.entries(source.streams)) {
        if (option === undefined || !place.skipsStreams(option, account)) known.add(stream);
      }
      for (const stream of known) ids.push({ source: source.name, account, stream });
    }
  }
  return ids;
}
