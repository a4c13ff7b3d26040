import { athenaIdentity } from '../../functions/aws/athena/athena-engine.ts';
import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import type { Options } from '../commands/command.ts';
import { loadedBy } from '../commands/status/loaded-up-to.ts';
import type { StatusPlace } from '../commands/status/status-place.ts';
import type { Shell } from '../console/shell.ts';
import { readStage } from './stage.ts';

/** The lake of a stage, with the accounts that the stage extracts. */
export async function stagePlace(options: Options, shell: Shell): Promise<StatusPlace> {
  const { name, region, sources, accounts, databasePrefix } = await readStage(options, shell);
  const bucket = await findStageBucket(name, { region });
  const store = s3Store({ bucket, client: { region } });
  const warehouse = athenaIdentity(databasePrefix);
  return {
    name: store.name,
    store,
    sources,
    accountsOf: (source) => accounts[source.name] ?? [],
    // Only the secret says whether the option is set, and a reader may not have access to it: such a stream counts after its first run.
    skipsStreams: () => true,
    // The loader's progress is in the lake, so this needs no query on Athena, which would cost.
    look: async () => ({ loadedUpTo: loadedBy(warehouse, store) }),
  };
}
