import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../../functions/ports.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { eraseIn } from '../../helpers/erase-in.ts';
import { makeHome } from '../../helpers/home.ts';
import { type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Erases a call of Solum from the home in a folder. @returns the effects on its lake */
async function eraseCall(folder: string, id: string, kill?: Kill): Promise<readonly string[]> {
  let effects: readonly string[] = [];
  const wrap = (store: Store) => {
    const killing = killingStore(store, kill);
    effects = killing.effects;
    return killing.store;
  };
  await eraseIn(folder, 'solum', [{ kind: 'call', source: 'solum', id }], wrap).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  return effects;
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
  const { length } = await eraseCall(whole, id);
  expect(length).toBeGreaterThan(6);
  expect(placesWith(await readDataDirectory(whole), id)).toEqual([]);
  const kills = Array.from({ length }, (_, n): Kill => ({ effect: n + 1, when: 'before' }));
  for (const kill of [...kills, { effect: length, when: 'after' } as const]) {
    const killed = await copy(`${kill.when}-${kill.effect}`);
    await eraseCall(killed, id, kill);
    await eraseCall(killed, id);
    expect({ kill, places: placesWith(await readDataDirectory(killed), id) }).toEqual({ kill, places: [] });
  }
});
