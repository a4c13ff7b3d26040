import type { Log } from '../../../functions/ports.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import type { Shell } from '../../console/shell.ts';
import { sweepTemporaries } from '../../lake/sweep-temporaries.ts';
import { isBucket } from '../../settings/data-dir.ts';
import { findErasureKey } from '../../settings/erasure-key.ts';
import { findHashKey } from '../../settings/hash-key.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { openWholeLake } from '../whole-lake.ts';
import type { EraseHome } from './erase-home.ts';

/** Erasing from a data directory. @throws ConfigError if it has no warehouse */
export async function openLocalErasure(options: Options, shell: Shell, log: Log): Promise<EraseHome> {
  await findWarehouse(options, shell);
  const lake = await openWholeLake(options, shell, log, 'they would not be erased');
  const { dir, env, keys, sources, accounts } = lake;
  const engine = lake.openWarehouse();
  let closedAt: number | undefined;
  return {
    request: { sources, accounts },
    ports: {
      ...lake.ports,
      engine,
      databases: DATABASES,
      hashKey: () => findHashKey(keys, env),
      erasureKey: () => findErasureKey(keys),
    },
    remains: [
      'backups and snapshots of this data directory, and files that callhouse export wrote: erase them yourself',
      ...(isBucket(dir.lake) ? ['earlier versions of objects, if the bucket keeps versions'] : []),
      'the vendor, who still has the record: ask for its erasure there too',
    ],
    close() {
      // Nobody publishes while the warehouse is open here.
      closedAt = Date.now();
      return engine.close();
    },
    async replaceCopies() {
      if (!isBucket(dir.lake)) await sweepTemporaries(dir.lake, Date.now());
      await lake.publish(closedAt);
    },
  };
}
