import { findStageBucket } from '../../functions/aws/athena/stage-workgroup.ts';
import { erasureSecretName, hashSecretName } from '../../functions/aws/names.ts';
import { erasingStore } from '../../functions/aws/s3/erasing-store.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { readErasureKey } from '../../functions/aws/secrets/read-erasure-key.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Log } from '../../functions/ports.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { SNAPSHOT_DAYS } from '../../schemas/derive/iceberg.ts';
import type { Options } from '../commands/command.ts';
import type { EraseHome } from '../commands/erase/erase-home.ts';
import type { Shell } from '../console/shell.ts';
import { thisProcess } from '../ports/this-process.ts';
import { readStage } from './stage.ts';
import { stageEngine } from './stage-engine.ts';

/** Erasing from a stage. Its leases keep out the extractors and the loader. */
export async function openStageErasure(options: Options, shell: Shell, log: Log): Promise<EraseHome> {
  const { name, region, sources, broken, accounts, databasePrefix, settings } = await readStage(options, shell);
  // Its records would not be erased.
  for (const { error } of broken) throw error;
  const client = { region };
  const bucket = await findStageBucket(name, client);
  const store = erasingStore(s3Store({ bucket, client }), bucket, client);
  const engine = stageEngine({ name, region, databasePrefix }, shell, log);
  return {
    request: { sources, accounts, leases: [['warehouse', 'load']] },
    ports: {
      ...nodePorts,
      store,
      engine,
      databases: databasesOf(databasePrefix),
      parquet: findWriter(settings.parquetWriter),
      hashKey: () => stageHashKey(store, hashSecretName(name), client),
      erasureKey: () => readErasureKey(erasureSecretName(name), client),
      log,
      now: Date.now,
      random: Math.random,
      process: thisProcess(),
    },
    remains: [
      `data files of the tables, until maintenance has compacted them and dropped snapshots older than ${SNAPSHOT_DAYS} days: after ${SNAPSHOT_DAYS + 1} days, and retention.noncurrentDays in which a deleted file can be restored`,
      'earlier versions of objects that were replaced before: retention.noncurrentDays',
      'results of queries: retention.resultsDays; ids of the erased records in the history of statements of Athena: 45 days',
      'files that callhouse export wrote, and the vendor, who still has the record: ask for its erasure there too',
    ],
    close: () => engine.close(),
    replaceCopies: async () => {},
  };
}
