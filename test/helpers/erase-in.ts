import { join } from 'node:path';
import { type Certificate, type ErasePorts, eraseRecords } from '../../functions/erase/erase-records.ts';
import type { Selector } from '../../functions/erase/selector.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { hyparquetWriter } from '../../functions/parquet/hyparquet.ts';
import type { Engine, Store } from '../../functions/ports.ts';
import { findSource } from '../../functions/source/registry.ts';
import type { Source } from '../../functions/source/source.ts';
import { fsStore } from '../../local/lake/fs-store.ts';
import { duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { HASH_KEY } from './home.ts';

/** The key of the ledger in tests. */
export const ERASURE_KEY = 'e'.repeat(64);

/** What erasing from a lake and an engine needs. Each attempt is a process of its own, and those before it are gone. */
export function erasePorts(store: Store, engine: Engine): ErasePorts {
  return {
    ...nodePorts,
    ...{ store, engine, databases: DATABASES, parquet: hyparquetWriter(), log: () => {} },
    hashKey: async () => HASH_KEY,
    erasureKey: async () => ERASURE_KEY,
    now: Date.now,
    random: Math.random,
    process: { host: 'test', pid: 1, born: String(Math.random()), isGone: () => true },
  };
}

/** The warehouse of the home in a folder. */
export function openEngine(folder: string) {
  return duckdbEngine({
    path: join(folder, 'warehouse.duckdb'),
    pathOf: (key) => join(folder, 'lake', key),
    views: { timeZone: 'UTC' },
    sleep: async () => {},
  });
}

/** Erases records of the home in a folder, one selector after the other. @param wrap lake and warehouse @default as they are */
export async function eraseIn(
  folder: string,
  name: string,
  selectors: readonly Selector[],
  wrap: (ports: ErasePorts) => ErasePorts = (ports) => ports,
): Promise<readonly Certificate[]> {
  const source: Source = await findSource(name);
  const engine = openEngine(folder);
  const ports = wrap(erasePorts(fsStore(join(folder, 'lake')), engine));
  const certificates: Certificate[] = [];
  try {
    for (const [n, selector] of selectors.entries()) {
      // The file is written again once, after the last one.
      const eraseFreedBlocks = async () => (n === selectors.length - 1 ? engine.eraseFreedBlocks() : undefined);
      const own = { ...ports, engine: { ...ports.engine, eraseFreedBlocks } };
      const request = { selector, sources: [source], accounts: { [name]: ['default'] } };
      certificates.push(await eraseRecords(request, own));
    }
  } finally {
    await engine.close();
  }
  return certificates;
}
