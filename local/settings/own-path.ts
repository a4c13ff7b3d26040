import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ConfigError } from '../../functions/errors.ts';
import type { DataDir } from './data-dir.ts';

/** What a data directory holds besides the warehouse, and files whose names begin with a dot. */
const OWN_NAMES = ['lake', 'bi', 'hash.key', 'erasure.key'];

/**
 * Refuses to write a file where Callhouse keeps something of its own: an export to `data/warehouse.duckdb` would replace the warehouse.
 * @param path absolute
 * @param options `isCopy`: it is the published copy, which may be in `bi/`
 * @throws ConfigError that begins with `what`
 */
export function refuseOwnPath(
  what: string,
  path: string,
  dir: DataDir,
  { isCopy = false }: { readonly isCopy?: boolean } = {},
): void {
  const within = relative(realPath(dir.path), join(realPath(dirname(path)), basename(path)));
  // Some disks do not tell upper case from lower.
  const name = (within.split(sep)[0] ?? '').toLowerCase();
  const isWarehouse = name.startsWith(basename(dir.warehouse).toLowerCase());
  const isOwn = isWarehouse || name.startsWith('.') || OWN_NAMES.includes(name);
  if (name === '' || name === '..' || !isOwn || (isCopy && name === 'bi')) return;
  throw new ConfigError(`${what} is where Callhouse keeps its own data in ${dir.path}; expected another place`);
}

/** The path without symbolic links, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(realPath(dirname(path)), basename(path));
  }
}
