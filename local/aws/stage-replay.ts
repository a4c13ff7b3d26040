import { credentialsSecretName, erasureSecretName, hashSecretName } from '../../functions/aws/names.ts';
import { awsSecrets } from '../../functions/aws/secrets/aws-secrets.ts';
import { readErasureKey } from '../../functions/aws/secrets/read-erasure-key.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import type { Log } from '../../functions/ports.ts';
import type { Options } from '../commands/command.ts';
import type { ReplayHome } from '../commands/replay/replay-home.ts';
import type { Shell } from '../console/shell.ts';
import { openWholeStage } from './whole-stage.ts';

/** The replay of a stage. */
export async function openStageReplay(options: Options, shell: Shell, log: Log): Promise<ReplayHome> {
  const {
    name,
    client,
    engine,
    databases,
    ports,
    settings,
    bucket: _bucket,
    ...stage
  } = await openWholeStage(options, shell, log);
  // Of a source that the stage does not extract, nothing is replayed.
  const sources = stage.sources.filter((source) => stage.accounts[source.name]);
  return {
    request: { ...stage, sources, settings, databases },
    ports: {
      ...ports,
      engine,
      secrets: awsSecrets({ nameOf: (source, account) => credentialsSecretName(name, source, account), client }),
      hashKey: () => stageHashKey(ports.store, hashSecretName(name), client),
      erasureKey: () => readErasureKey(erasureSecretName(name), client),
      signal: shell.signal,
    },
    close: () => engine.close(),
    replaceCopies: async () => {},
  };
}
