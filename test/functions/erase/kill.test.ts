import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ErasePorts, eraseRecords } from '../../../functions/erase/erase-records.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import type { Store } from '../../../functions/ports.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { duckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { HASH_KEY, makeHome } from '../../helpers/home.ts';
import { type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Erases a call of Solum from the home in a folder. @returns the effects on its lake */
async function eraseIn(folder: string, id: string, kill?: Kill): Promise<readonly string[]> {
  const { store, effects } = killingStore(fsStore(join(folder, 'lake')), kill);
  const engine = duckdbEngine({
    path: join(folder, 'warehouse.duckdb'),
    pathOf: (key) => join(folder, 'lake', key),
    views: { timeZone: 'UTC' },
    sleep: async () => {},
  });
  try {
    const request = { selector: { kind: 'call', source: 'solum', id } as const, accounts: { solum: ['default'] } };
    await eraseRecords({ ...request, sources: [await findSource('solum')] }, portsOf(store, engine));
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    await engine.close();
  }
  return effects;
}

function portsOf(store: Store, engine: ErasePorts['engine']): ErasePorts {
  return {
    ...nodePorts,
    store,
    engine,
    databases: DATABASES,
    parquet: hyparquetWriter(),
    hashKey: async () => HASH_KEY,
    erasureKey: async () => 'e'.repeat(64),
    log: () => {},
    now: Date.now,
    random: Math.random,
    // Each attempt is a process of its own, and those before it are gone.
    process: { host: 'test', pid: 1, born: String(Math.random()), isGone: () => true },
  };
}

test('an erasure that is killed at any write or deletion is completed by the next one', async () => {
  const { simulators, env } = await demoVendors({ callsPerVendor: 6, days: 3 });
  const folder = await temporaryFolder();
  const home = makeHome(join(folder, 'home'), { env, sources: ['solum'] });
  for (let run = 0; run < 2; run += 1) {
    expect(await home.run(simulators.now())).toMatchObject({ load: { exitCode: 0 } });
    simulators.advance(26 * 3_600_000);
  }
  const [id = ''] = simulators.ledger.entries('solum', 'calls').keys();
  const copy = async (name: string) => {
    const to = join(folder, name);
    await cp(join(folder, 'home'), to, { recursive: true });
    return to;
  };
  const whole = await copy('whole');
  expect(placesWith(await readDataDirectory(whole), id).length).toBeGreaterThan(3);
  const { length } = await eraseIn(whole, id);
  expect(length).toBeGreaterThan(6);
  expect(placesWith(await readDataDirectory(whole), id)).toEqual([]);
  const kills = Array.from({ length }, (_, n): Kill => ({ effect: n + 1, when: 'before' }));
  for (const kill of [...kills, { effect: length, when: 'after' } as const]) {
    const killed = await copy(`${kill.when}-${kill.effect}`);
    await eraseIn(killed, id, kill);
    await eraseIn(killed, id);
    expect({ kill, places: placesWith(await readDataDirectory(killed), id) }).toEqual({ kill, places: [] });
  }
});
