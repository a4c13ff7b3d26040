import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { hashSecretName } from '../../functions/aws/names.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { readHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { ConfigError } from '../../functions/errors.ts';
import { judgeHashKey } from '../../functions/lake/hash-key-mark.ts';
import { streamsToLoad } from '../../functions/load/plan.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Log, Store } from '../../functions/ports.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import type { Options } from '../commands/command.ts';
import type { RotationHome } from '../commands/rotate-hash-key/rotation-home.ts';
import type { Shell } from '../console/shell.ts';
import { thisProcess } from '../ports/this-process.ts';
import { readStage } from './stage.ts';
import { stageEngine } from './stage-engine.ts';

/** The rotation of a stage. Its leases keep out the extractors and the loader. */
export async function openStageRotation(options: Options, shell: Shell, log: Log): Promise<RotationHome> {
  const { name, region, sources, broken, accounts, databasePrefix, settings } = await readStage(options, shell);
  // Its rows would keep hashes of the old key.
  for (const { error } of broken) throw error;
  const client = { region };
  const store = s3Store({ bucket: await findStageBucket(name, client), client });
  const engine = stageEngine({ name, region, databasePrefix }, shell, log);
  return {
    rotation: {
      plan: { streams: streamsToLoad(sources), accounts, databases: databasesOf(databasePrefix) },
      leases: [['warehouse', 'load']],
      newKey: () => newStageKey(store, name, client),
    },
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
    close: () => engine.close(),
    replaceCopies: async () => {},
  };
}

/** @throws ConfigError if the secret holds the key that is in use, or a short one */
async function newStageKey(store: Store, stage: string, client: { readonly region: string }): Promise<string> {
  const { key, renew } = await readHashKey(hashSecretName(stage), client);
  if ((await judgeHashKey(store, key)) !== 'current') return key;
  throw new ConfigError(
    `the secret ${hashSecretName(stage)} holds the key that the hashes in ${store.name} were made with; ${renew}, then run this again`,
  );
}
