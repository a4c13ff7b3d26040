import { erasureSecretName, hashSecretName } from '../../functions/aws/names.ts';
import { forgettingStore } from '../../functions/aws/s3/forgetting-store.ts';
import { readErasureKey } from '../../functions/aws/secrets/read-erasure-key.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import type { Log } from '../../functions/ports.ts';
import { SNAPSHOT_DAYS } from '../../schemas/derive/iceberg.ts';
import type { Options } from '../commands/command.ts';
import type { EraseHome } from '../commands/erase/erase-home.ts';
import type { Shell } from '../console/shell.ts';
import { openWholeStage } from './whole-stage.ts';

/** Erasing from a stage. */
export async function openStageErasure(options: Options, shell: Shell, log: Log): Promise<EraseHome> {
  const { name, bucket, client, engine, databases, ports, ...stage } = await openWholeStage(options, shell, log);
  const store = forgettingStore(ports.store, bucket, client);
  return {
    request: stage,
    ports: {
      ...ports,
      store,
      engine,
      databases,
      hashKey: () => stageHashKey(store, hashSecretName(name), client),
      erasureKey: () => readErasureKey(erasureSecretName(name), client),
    },
    remains: [
      `data files of the tables, until maintenance has compacted them and dropped snapshots older than ${SNAPSHOT_DAYS} days: after ${SNAPSHOT_DAYS + 1} days, and retention.noncurrentDays in which a deleted file can be restored`,
      'results of queries: retention.resultsDays; ids of the erased records in the history of statements of Athena: 45 days',
      'files that callhouse export wrote, and the vendor, who still has the record: ask for its erasure there too',
    ],
    close: () => engine.close(),
    replaceCopies: async () => {},
  };
}
