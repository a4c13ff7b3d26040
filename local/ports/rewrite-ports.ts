import { nodePorts } from '../../functions/node-ports.ts';
import { findWriter } from '../../functions/parquet/find-writer.ts';
import type { Log, Store } from '../../functions/ports.ts';
import type { Settings } from '../../functions/settings.ts';
import { thisProcess } from './this-process.ts';

/** The ports of a command that rewrites what a lake holds. */
export function rewritePorts(store: Store, { parquetWriter }: Pick<Settings, 'parquetWriter'>, log: Log) {
  return {
    ...nodePorts,
    store,
    parquet: findWriter(parquetWriter),
    log,
    now: Date.now,
    random: Math.random,
    process: thisProcess(),
  };
}
