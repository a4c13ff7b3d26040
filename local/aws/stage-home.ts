import { readBackFromAthena } from '../../functions/aws/athena/read-back-from-athena.ts';
import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { credentialsSecretName, erasureSecretName, hashSecretName } from '../../functions/aws/names.ts';
import { forgettingStore } from '../../functions/aws/s3/forgetting-store.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { awsSecrets } from '../../functions/aws/secrets/aws-secrets.ts';
import { readErasureKey } from '../../functions/aws/secrets/read-erasure-key.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { vendorHttp } from '../../functions/http/vendor-http.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Log, Ports } from '../../functions/ports.ts';
import { HOUR_MS } from '../../functions/time.ts';
import type { BackfillHome } from '../commands/backfill/backfill-home.ts';
import type { Options } from '../commands/command.ts';
import { selectTargets } from '../commands/run/select-targets.ts';
import type { Shell } from '../console/shell.ts';
import { sleepUnlessAborted } from '../ports/local-ports.ts';
import { thisProcess } from '../ports/this-process.ts';
import { withEnvironment } from '../settings/env-settings.ts';
import { readStage } from './stage.ts';
import { stageEngine } from './stage-engine.ts';

/**
 * The lake of a stage, with the stage's credentials and hash key. The lease keeps the stage's Lambdas out while this machine reads a
 * chunk, and the stage's loader loads what was staged.
 */
export async function openStageHome(
  names: readonly string[],
  options: Options,
  shell: Shell,
  log: Log,
): Promise<BackfillHome> {
  const { name, region, sources, accounts, databasePrefix, settings: given } = await readStage(options, shell);
  // As at synth, `<SOURCE>_BASE_URL` of the environment overrides the setting.
  const deployed = sources.filter((source) => accounts[source.name]);
  const settings = withEnvironment(given, deployed, shell.env);
  const targets = selectTargets(names, { sources: deployed, settings, env: {} });
  const client = { region };
  const bucket = await findStageBucket(name, client);
  const store = forgettingStore(s3Store({ bucket, client }), bucket, client);
  const engine = stageEngine({ name, region, databasePrefix }, shell, log);
  const ports: Ports = {
    ...nodePorts,
    store,
    secrets: awsSecrets({ nameOf: (source, account) => credentialsSecretName(name, source, account), client }),
    parquet: findWriter(settings.parquetWriter),
    hashKey: () => stageHashKey(store, hashSecretName(name), client),
    erasureKey: () => readErasureKey(erasureSecretName(name), client),
    fetch: vendorHttp(shell.env),
    log,
    now: Date.now,
    random: Math.random,
    sleep: sleepUnlessAborted,
    process: thisProcess(),
    remainingMs: () => HOUR_MS,
    readBackFromWarehouse: readBackFromAthena(engine, databasePrefix),
    signal: shell.signal,
  };
  // If this machine is switched off during a chunk, its lease keeps the Lambdas out for this long.
  return { name: store.name, targets, ports, settings, limitMs: HOUR_MS, close: () => engine.close() };
}
