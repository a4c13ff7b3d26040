import { streamsToLoad } from '../../../functions/load/plan.ts';
import type { Log } from '../../../functions/ports.ts';
import type { Shell } from '../../console/shell.ts';
import { keyToRotateTo } from '../../settings/hash-key.ts';
import { hasWarehouse } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { openWholeLake } from '../whole-lake.ts';
import type { RotationHome } from './rotation-home.ts';

/** The rotation of a data directory. */
export async function openLocalRotation(options: Options, shell: Shell, log: Log): Promise<RotationHome> {
  const lake = await openWholeLake(options, shell, log, 'their hashes would stay of the old key');
  const { dir, env, keys, sources, accounts } = lake;
  const engine = hasWarehouse(dir) ? lake.openWarehouse() : undefined;
  return {
    rotation: {
      plan: { streams: streamsToLoad(sources), accounts },
      newKey: () => keyToRotateTo(keys, env),
    },
    ports: { ...lake.ports, engine },
    close: async () => engine?.close(),
    replaceCopies: async () => {
      if (engine) await lake.publish();
    },
  };
}
