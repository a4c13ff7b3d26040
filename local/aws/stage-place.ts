import { athenaIdentity } from '../../functions/aws/athena/athena-engine.ts';
import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import type { Options } from '../commands/command.ts';
import type { Shell } from '../console/shell.ts';
import { loadedBy } from '../status/loaded-up-to.ts';
import type { StatusPlace } from '../status/status-place.ts';
import { readStage } from './stage.ts';

/** The lake of a stage, with the accounts that it extracts. */
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
    // Only the secret tells, and who looks at a stage need not be let into it: such a stream counts once it ran.
    leavesOut: () => true,
    // The loader's notes are in the lake: nothing is asked of Athena, which costs.
    look: async () => ({ loadedUpTo: loadedBy(warehouse, store) }),
  };
}
