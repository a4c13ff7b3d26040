import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import type { LeaseName } from '../../functions/lake/hold-accounts.ts';
import type { Log } from '../../functions/ports.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import type { Options } from '../commands/command.ts';
import type { Shell } from '../console/shell.ts';
import { rewritePorts } from '../ports/rewrite-ports.ts';
import { readStage } from './stage.ts';
import { stageEngine } from './stage-engine.ts';

/** Besides the extractors', the lease that keeps out the loader. */
const LEASES: readonly LeaseName[] = [['warehouse', 'load']];

/** Opens a stage for a command that must reach every record of it. @throws ConfigError if a source that it names is declared wrongly */
export async function openWholeStage(options: Options, shell: Shell, log: Log) {
  const { name, region, sources, broken, accounts, databasePrefix, settings } = await readStage(options, shell);
  for (const { error } of broken) throw error;
  const client = { region };
  const bucket = await findStageBucket(name, client);
  return {
    name,
    sources,
    accounts,
    settings,
    client,
    bucket,
    leases: LEASES,
    databases: databasesOf(databasePrefix),
    engine: stageEngine({ name, region, databasePrefix }, shell, log),
    ports: rewritePorts(s3Store({ bucket, client }), settings, log),
  };
}
