import { expect, test } from 'vitest';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { ERASURE_KEY, eraseIn, openEngine } from '../../helpers/erase-in.ts';
import { solumHome } from '../../helpers/solum-home.ts';
import { type SolumCall, solumCall } from '../../helpers/solum-server.ts';
import { suspendedAt } from '../../helpers/suspended-at.ts';

const ERASED = 'zq-erased';
const ERASE = { kind: 'call', source: 'solum', id: ERASED } as const;
const START = Date.parse('2026-11-01T09:00:00Z');
const LATER = 20 * 60_000;

/** What the vendor lists at the end. */
const LAST = [
  solumCall(ERASED, 1, { status: 'edited' }),
  solumCall('zq-edited', 2, { status: 'edited' }),
  solumCall('zq-new', 3),
];

/** A home with a load, and what changes the vendor's list. */
async function clinic() {
  const calls: SolumCall[] = [solumCall(ERASED, 1), solumCall('zq-edited', 2)];
  const { folder, home } = await solumHome(calls);
  await home.run(new Date(START));
  return { folder, home, list: (...rows: readonly SolumCall[]) => void calls.splice(0, calls.length, ...rows) };
}

async function rowsIn(folder: string) {
  const engine = openEngine(folder);
  const { rows } = await engine.query('SELECT id, status FROM callhouse_phi.solum_calls ORDER BY id');
  await engine.close();
  return rows;
}

const PLACES = ['put erasures/', 'put raw/', 'put staging/', 'put digests/', 'put commits/', 'delete digests/'];

test.each(PLACES)('an erasure that is suspended at "%s" loses nothing of a run that takes over', async (place) => {
  const { folder, home, list } = await clinic();
  const clock = { ms: START + 7_200_000 };
  const on = (host: string) => ({
    ...{ now: () => clock.ms, erasureKey: async () => ERASURE_KEY },
    process: { host, pid: 1, born: host, isGone: () => false },
  });
  const run = (hour: number) => home.extract('solum', new Date(START + hour * 3_600_000), on('other'));
  let isSuspended = false;
  const meanwhile = async () => {
    isSuspended = true;
    clock.ms += LATER;
    list(...LAST);
    expect(await run(2)).toMatchObject({ exitCode: 0 });
  };
  const erasing = eraseIn(folder, 'solum', [ERASE], (ports) => ({
    ...{ ...ports, ...on('laptop') },
    store: suspendedAt(place, ports.store, meanwhile),
  }));
  await expect(erasing).rejects.toThrow('run this again: it is not complete');
  expect(isSuspended).toBe(true);
  expect(await run(3)).toMatchObject({ exitCode: 0 });
  expect(await home.load()).toMatchObject({ exitCode: 0 });
  await eraseIn(folder, 'solum', [ERASE]);
  clock.ms += LATER;
  expect(await run(4)).toMatchObject({ exitCode: 0 });
  expect(await home.load()).toMatchObject({ exitCode: 0 });
  expect(await rowsIn(folder)).toEqual([
    ['zq-edited', 'edited'],
    ['zq-new', 'pending'],
  ]);
  expect(placesWith(await readDataDirectory(folder), ERASED)).toEqual([]);
});
