import { ConfigError } from '../../../functions/errors.ts';
import type { Log } from '../../../functions/ports.ts';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { envSecrets } from '../../settings/env-secrets.ts';
import { readErasureKey } from '../../settings/erasure-key.ts';
import { findHashKey } from '../../settings/hash-key.ts';
import type { Options } from '../command.ts';
import { openWholeLake } from '../whole-lake.ts';
import type { ReplayHome } from './replay-home.ts';

/** The replay of a data directory. @throws ConfigError if it has no commits, or a source that has some is declared wrongly */
export async function openLocalReplay(options: Options, shell: Shell, log: Log): Promise<ReplayHome> {
  const lake = await openWholeLake(options, shell, log, 'they would not be replayed');
  const { env, keys, sources, accounts, settings, ports } = lake;
  if (Object.values(accounts).every((names) => names.length === 0))
    throw new ConfigError(
      `there is nothing to replay: ${ports.store.name} has no commits; name another folder with --data-dir, or begin with: ${ownCommand(shell.cwd)} run`,
    );
  const engine = lake.openWarehouse();
  return {
    request: { sources, accounts, settings },
    ports: {
      ...ports,
      engine,
      secrets: envSecrets(env),
      hashKey: () => findHashKey(keys, env),
      erasureKey: () => readErasureKey(keys),
      signal: shell.signal,
    },
    close: () => engine.close(),
    replaceCopies: () => lake.publish(),
  };
}
