import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../../functions/ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { ERASURE_KEY, eraseIn } from '../../helpers/erase-in.ts';
import { solumHome } from '../../helpers/solum-home.ts';
import { type SolumCall, solumCall } from '../../helpers/solum-server.ts';
import { suspendedAt } from '../../helpers/suspended-at.ts';

const ERASED = 'zq-erased';
const ERASE = { kind: 'call', source: 'solum', id: ERASED } as const;

async function clinic() {
  const calls: SolumCall[] = [solumCall(ERASED, 1), solumCall('zq-kept', 2)];
  const { folder, home } = await solumHome(calls);
  const run = (hour: number, store?: Store) =>
    home.run(new Date(Date.parse('2026-11-01T09:00:00Z') + hour * 3_600_000), {
      erasureKey: async () => ERASURE_KEY,
      ...(store && { store }),
    });
  const places = async () => placesWith(await readDataDirectory(folder), ERASED);
  return { calls, folder, home, run, places };
}

test.each(['list checkpoints/', 'put staging/', 'put commits/'])(
  'a run that was suspended at "%s" while a record was erased does not bring it back',
  async (place) => {
    const { calls, folder, home, run, places } = await clinic();
    await run(0);
    expect(await places()).not.toEqual([]);
    calls[0] = solumCall(ERASED, 1, { status: 'edited' });
    let isErased = false;
    const store = suspendedAt(place, home.store, async () => {
      await eraseIn(folder, 'solum', [ERASE]);
      isErased = true;
    });
    const { extracts } = await run(3, store);
    expect(isErased).toBe(true);
    expect(extracts[0]?.streams[0]).toMatchObject({ status: 'busy' });
    for (const hour of [4, 5])
      expect(await run(hour)).toMatchObject({ extracts: [{ exitCode: 0 }], load: { exitCode: 0 } });
    expect(await places()).toEqual([]);
  },
);

test('one erasure after the other needs no load in between, also after a killed run', async () => {
  const { folder, home, run } = await clinic();
  await run(0);
  // A run that was killed while it held the lease.
  const lake = fsStore(join(folder, 'lake'));
  const taken = { host: 'test', pid: 1, born: 'killed', at: Date.now(), attempt: '0'.repeat(12) };
  await lake.put('leases/solum/default/000000000099.json', Buffer.from(JSON.stringify(taken)));
  const certificates = await eraseIn(folder, 'solum', [ERASE, { ...ERASE, id: 'zq-kept' }]);
  expect(certificates.map(({ rows }) => rows['solum_calls'])).toEqual([1, 1]);
  expect(home.lines.join()).not.toContain('error');
});
