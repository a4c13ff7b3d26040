import { hashSecretName } from '../../functions/aws/names.ts';
import { readHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { ConfigError } from '../../functions/errors.ts';
import { judgeHashKey } from '../../functions/lake/hash-key-mark.ts';
import { streamsToLoad } from '../../functions/load/plan.ts';
import type { Log, Store } from '../../functions/ports.ts';
import type { Options } from '../commands/command.ts';
import type { RotationHome } from '../commands/rotate-hash-key/rotation-home.ts';
import type { Shell } from '../console/shell.ts';
import { openWholeStage } from './whole-stage.ts';

/** The rotation of a stage. */
export async function openStageRotation(options: Options, shell: Shell, log: Log): Promise<RotationHome> {
  const { name, sources, accounts, leases, databases, client, engine, ports } = await openWholeStage(
    options,
    shell,
    log,
  );
  return {
    rotation: {
      plan: { streams: streamsToLoad(sources), accounts, databases },
      leases,
      newKey: () => newStageKey(ports.store, name, client),
    },
    ports: { ...ports, engine },
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
