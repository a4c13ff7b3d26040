import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { accountsInLake } from '../../functions/lake/accounts-in-lake.ts';
import type { LeaseName } from '../../functions/lake/hold-accounts.ts';
import type { Log, Store } from '../../functions/ports.ts';
import { loadSources } from '../../functions/source/registry.ts';
import type { Source } from '../../functions/source/source.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import type { Options } from '../commands/command.ts';
import type { Shell } from '../console/shell.ts';
import { refuseBroken } from '../lake/refuse-broken.ts';
import { rewritePorts } from '../ports/rewrite-ports.ts';
import { readStage, type Stage } from './stage.ts';
import { stageEngine } from './stage-engine.ts';

/** Besides the extractors', the lease that keeps out the loader. */
const LEASES: readonly LeaseName[] = [['warehouse', 'load']];

/** Opens a stage for a command that must reach every record of it. @throws ConfigError if a source that it names, or of which it holds records, is declared wrongly */
export async function openWholeStage(options: Options, shell: Shell, log: Log) {
  const { name, region, sources, broken, accounts, databasePrefix, settings } = await readStage(options, shell);
  for (const { error } of broken) throw error;
  const client = { region };
  const bucket = await findStageBucket(name, client);
  const store = s3Store({ bucket, client });
  await refuseBroken(store, (await loadSources()).broken, 'they would be left out');
  return {
    name,
    sources,
    accounts: await withStored(accounts, sources, store),
    settings,
    client,
    bucket,
    leases: LEASES,
    databases: databasesOf(databasePrefix),
    engine: stageEngine({ name, region, databasePrefix }, shell, log),
    ports: rewritePorts(store, settings, log),
  };
}

/** The accounts of the stage, and those that it had: what was extracted stays, whether or not the stage still names its account. */
async function withStored(accounts: Stage['accounts'], sources: readonly Source[], store: Store) {
  const stored = await accountsInLake(
    store,
    sources.map(({ name }) => name),
  );
  const all = sources.map(
    ({ name }) => [name, [...new Set([...(accounts[name] ?? []), ...(stored[name] ?? [])])]] as const,
  );
  return Object.fromEntries(all) as Stage['accounts'];
}
