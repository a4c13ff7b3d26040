import { ConfigError } from '../../../functions/errors.ts';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { type DataDir, dataDirAt, isDataDir } from '../../settings/data-dir.ts';
import { hasWarehouse } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readDataDir, readWarehouse } from '../read-option.ts';

/** The data directory of the options, which has a warehouse. @throws ConfigError if it has none; StorageError */
export async function findWarehouse(options: Options, shell: Shell): Promise<DataDir> {
  const dir = dataDirAt(readDataDir(options, shell), readWarehouse(options, shell));
  if ((await isDataDir(dir)) && hasWarehouse(dir)) return dir;
  throw new ConfigError(
    `there is no warehouse in ${dir.path}; create it with: ${ownCommand(shell.cwd)} run; or name another with --data-dir (the demo's is ./data/demo)`,
  );
}
